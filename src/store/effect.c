#include "store/effect.h"

#include "base/cleanup.h"
#include "store/effect_p.h"

#define COLUMNS                                                                                    \
    "e.run_id, e.effect_id, e.pass, e.account_id, e.user_id, e.team_id, e.verb, e.code,"           \
    " e.sentence, e.plan, e.classes, " EFFECT_STATE                                                \
    " AS state, e.answer, e.at_us, e.remote_id, e.did, e.had"
#define FROM                                                                                       \
    " FROM effect AS e JOIN run AS r ON r.company_id = e.company_id AND r.run_id = e.run_id"       \
    " WHERE e.company_id = $1"

const char *effect_state_name(enum effect_state s) {
    static const char *const names[EFFECT_STATES_N] = {
        [EFFECT_PLANNED] = "planned", [EFFECT_SENT] = "sent",     [EFFECT_DONE] = "done",
        [EFFECT_FAILED] = "failed",   [EFFECT_UNSURE] = "unsure", [EFFECT_DROPPED] = "dropped",
        [EFFECT_UNDONE] = "undone",   [EFFECT_LOST] = "lost",
    };
    return names[s];
}

static enum effect_state state_parse(struct text t) {
    for (int s = EFFECT_PLANNED; s < EFFECT_STATES_N; s++)
        if (text_is(t, effect_state_name((enum effect_state)s)))
            return (enum effect_state)s;
    return 0;
}

static void append_id(struct db_append *ap, int64_t id) {
    id != 0 ? db_append_int(ap, id) : db_append_null(ap);
}

/* NOT NULL: a text that is not set is empty. */
static void append_text(struct db_append *ap, struct text t) {
    db_append_text(ap, t.state == TEXT_SET ? t.ptr : "", t.state == TEXT_SET ? t.len : 0);
}

static enum rc_code append_effect(struct db_append *ap, int64_t company_id, const struct effect *e,
                                  struct rc_error *err) {
    db_append_int(ap, company_id);
    db_append_int(ap, e->run_id);
    db_append_int(ap, e->effect_id);
    db_append_int(ap, (int64_t)e->pass);
    append_id(ap, e->account_id);
    append_id(ap, e->user_id);
    append_id(ap, e->team_id);
    append_text(ap, e->verb);
    append_text(ap, e->code);
    append_text(ap, e->sentence);
    append_text(ap, e->plan);
    append_text(ap, e->classes);
    db_append_value(ap, text_of(effect_state_name(e->state)));
    db_append_value(ap, e->answer);
    db_append_int(ap, e->at_us);
    db_append_value(ap, e->remote_id);
    db_append_value(ap, e->did);
    db_append_value(ap, e->had);
    return db_append_row(ap, err);
}

/* Each pass lies together: it is carried out by itself, and what came of it written where it lies. */
enum rc_code effect_add(struct store *st, int64_t company_id, const struct effect *effects,
                        size_t n, struct rc_error *err) {
    static const char *const columns[] = { "company_id", "run_id",   "effect_id", "pass",
                                           "account_id", "user_id",  "team_id",   "verb",
                                           "code",       "sentence", "plan",      "classes",
                                           "state",      "answer",   "at_us",     "remote_id",
                                           "did",        "had",      NULL };
    struct db_append *ap;
    enum rc_code rc = db_append_open(st->db, "effect", columns, "iiiiiiitttttttittt", &ap, err);
    if (rc != RC_OK)
        return rc;
    size_t added = 0;
    for (int pass = 0; pass < EFFECT_PASSES_N; pass++)
        for (size_t i = 0; i < n && rc == RC_OK; i++)
            if ((int)effects[i].pass == pass) {
                rc = append_effect(ap, company_id, &effects[i], err);
                added++;
            }
    if (rc == RC_OK && added != n)
        rc_die("an effect of a pass that there is not");
    return db_append_end(ap, rc, err);
}

static enum rc_code effect_read(const struct db_statement *row, struct arena *a, struct effect *ret,
                                struct rc_error *err) {
    *ret = (struct effect){
        .run_id = db_int(row, 0),
        .effect_id = db_int(row, 1),
        .pass = (enum effect_pass)db_int(row, 2),
        .account_id = db_int(row, 3),
        .user_id = db_int(row, 4),
        .team_id = db_int(row, 5),
        .verb = store_text(a, row, 6),
        .code = store_text(a, row, 7),
        .sentence = store_text(a, row, 8),
        .plan = store_text(a, row, 9),
        .classes = store_text(a, row, 10),
        .state = state_parse(db_text(row, 11)),
        .answer = store_text(a, row, 12),
        .at_us = db_int(row, 13),
        .remote_id = store_text(a, row, 14),
        .did = store_text(a, row, 15),
        .had = store_text(a, row, 16),
    };
    if (ret->state == 0 || ret->pass >= EFFECT_PASSES_N)
        return rc_fail(err, RC_FATAL, "effect %lld of run %lld is in a state that there is not",
                       (long long)ret->effect_id, (long long)ret->run_id);
    return RC_OK;
}

static enum rc_code effects_read(struct db_statement *rows, size_t most, struct arena *a,
                                 struct effect **ret, size_t *ret_n, struct rc_error *err) {
    struct effect *list = ARENA_NEW(a, struct effect, most + 1);
    enum rc_code rc;
    bool row = false;
    size_t n = 0;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < most)
        if ((rc = effect_read(rows, a, &list[n++], err)) != RC_OK)
            break;
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code effect_list(struct store *st, int64_t company_id, int64_t run_id, int64_t after_id,
                         size_t most, struct arena *a, struct effect **ret, size_t *ret_n,
                         struct rc_error *err) {
    static const char sql[] =
        "SELECT " COLUMNS FROM
        " AND e.run_id = $2 AND e.effect_id > $3 ORDER BY e.effect_id LIMIT $4";
    struct db_statement *rows;
    enum rc_code rc =
        store_query(st, &rows, err, sql, "iiii", company_id, run_id, after_id, (int64_t)most);
    return rc != RC_OK ? rc : effects_read(rows, most, a, ret, ret_n, err);
}

enum rc_code effect_planned(struct store *st, int64_t company_id, int64_t run_id,
                            enum effect_pass pass, int64_t after_id, size_t most, struct arena *a,
                            struct effect **ret, size_t *ret_n, struct rc_error *err) {
    static const char sql[] = "SELECT " COLUMNS FROM " AND e.run_id = $2"
                              " AND e.pass = $3 AND e.effect_id > $4 AND e.state = 'planned'"
                              " ORDER BY e.effect_id LIMIT $5";
    struct db_statement *rows;
    enum rc_code rc = store_query(st, &rows, err, sql, "iiiii", company_id, run_id, (int64_t)pass,
                                  after_id, (int64_t)most);
    return rc != RC_OK ? rc : effects_read(rows, most, a, ret, ret_n, err);
}

enum rc_code effect_save(struct store *st, int64_t company_id, const struct effect *e,
                         struct rc_error *err) {
    static const char sql[] = "UPDATE effect SET state = $1, answer = $2, at_us = $3,"
                              " remote_id = $4, did = $5, had = $6"
                              " WHERE company_id = $7 AND run_id = $8 AND effect_id = $9";
    int64_t n = 0;
    enum rc_code rc =
        store_run(st, &n, err, sql, "stitttiii", effect_state_name(e->state), e->answer, e->at_us,
                  e->remote_id, e->did, e->had, company_id, e->run_id, e->effect_id);
    if (rc == RC_OK && n == 0)
        return rc_fail(err, RC_NOT_FOUND, "run %lld has no effect %lld", (long long)e->run_id,
                       (long long)e->effect_id);
    return rc;
}

enum rc_code effect_hand_out(struct store *st, int64_t company_id, int64_t run_id,
                             enum effect_pass pass, int64_t effect_id, struct rc_error *err) {
    static const char sql[] = "UPDATE run SET sent_pass = $1, sent_to = $2"
                              " WHERE company_id = $3 AND run_id = $4";
    return store_run(st, NULL, err, sql, "iiii", (int64_t)pass, effect_id, company_id, run_id);
}

enum rc_code effect_move(struct store *st, int64_t company_id, int64_t run_id,
                         enum effect_state from, enum effect_state to, const char *answer,
                         int64_t now_us, int64_t *ret_n, struct rc_error *err) {
    static const char sql[] =
        "UPDATE effect SET state = $1, answer = COALESCE(CAST($2 AS TEXT), answer), at_us = $3"
        " WHERE company_id = $4 AND run_id = $5 AND state = $6";
    int64_t n = 0;
    enum rc_code rc = store_run(st, &n, err, sql, "ssiiis", effect_state_name(to), answer, now_us,
                                company_id, run_id, effect_state_name(from));
    if (rc == RC_OK && ret_n != NULL)
        *ret_n = n;
    return rc;
}

enum rc_code effect_drop_untried(struct store *st, int64_t company_id, int64_t run_id,
                                 enum effect_pass upto, const char *answer, int64_t now_us,
                                 struct rc_error *err) {
    static const char sql[] = "UPDATE effect SET state = 'dropped', answer = $1, at_us = $2"
                              " WHERE company_id = $3 AND run_id = $4 AND state = 'planned'"
                              " AND answer IS NULL AND pass <= $5";
    return store_run(st, NULL, err, sql, "siiii", answer, now_us, company_id, run_id,
                     (int64_t)upto);
}

enum rc_code effect_note_sent(struct store *st, int64_t company_id, int64_t run_id,
                              const char *answer, struct rc_error *err) {
    static const char sql[] =
        "UPDATE effect SET answer = $1 WHERE company_id = $2 AND run_id = $3 AND effect_id IN"
        " (SELECT e.effect_id FROM effect AS e"
        " JOIN run AS r ON r.company_id = e.company_id AND r.run_id = e.run_id"
        " WHERE e.company_id = $2 AND e.run_id = $3 AND " EFFECT_IS_SENT ")";
    return store_run(st, NULL, err, sql, "sii", answer, company_id, run_id);
}

enum rc_code effect_doubt(struct store *st, int64_t company_id, int64_t run_id, const char *answer,
                          int64_t now_us, struct rc_error *err) {
    static const char sql[] =
        "UPDATE effect SET state = 'unsure', answer = $1, at_us = $2"
        " WHERE company_id = $3 AND run_id = $4 AND effect_id IN (SELECT e.effect_id FROM effect AS e"
        " JOIN run AS r ON r.company_id = e.company_id AND r.run_id = e.run_id"
        " WHERE e.company_id = $3 AND e.run_id = $4 AND (" EFFECT_IS_SENT
        " OR (e.state = 'planned' AND e.answer IS NOT NULL)))";
    return store_run(st, NULL, err, sql, "siii", answer, now_us, company_id, run_id);
}

enum rc_code effect_undone(struct store *st, int64_t company_id, int64_t run_id, int64_t user_id,
                           int64_t team_id, const char *answer, int64_t now_us,
                           struct rc_error *err) {
    /* A mail that has gone out has gone out; what a person had approved does not count anyway. */
    static const char sql[] =
        "UPDATE effect SET state = 'undone', answer = $1, at_us = $2, classes = CASE"
        " WHEN ' ' || classes || ' ' LIKE '% invitations %' THEN 'invitations' ELSE '' END"
        " WHERE company_id = $3 AND run_id = $4 AND state IN ('done', 'unsure')"
        " AND (user_id = $5 OR team_id = $6)";
    return store_run(st, NULL, err, sql, "siiiii", answer, now_us, company_id, run_id, user_id,
                     team_id);
}

enum rc_code effect_not_through(struct store *st, int64_t company_id, int64_t destination_id,
                                int64_t since_us, int64_t run_id, int64_t *ret_unsure,
                                int64_t *ret_not_closed, struct rc_error *err) {
    static const char unsure[] =
        "SELECT COUNT(*) FROM run AS r JOIN effect AS e ON e.company_id = r.company_id"
        " AND e.run_id = r.run_id WHERE r.company_id = $1 AND r.destination_id = $2"
        " AND r.ended_at >= $3 AND e.state = 'unsure' AND e.at_us >= $3";
    static const char failed[] =
        "SELECT COUNT(*) FROM effect AS e WHERE e.company_id = $1 AND e.run_id = $2"
        " AND e.state = 'failed' AND e.verb = 'deactivate' AND NOT EXISTS"
        " (SELECT 1 FROM account AS a WHERE a.company_id = e.company_id AND a.destination_id = $3"
        "  AND a.user_id = e.user_id AND a.status = 'deleted')";
    enum rc_code rc =
        store_number(st, ret_unsure, err, unsure, "iii", company_id, destination_id, since_us);
    *ret_not_closed = 0;
    return rc != RC_OK || run_id == 0 ? rc
                                      : store_number(st, ret_not_closed, err, failed, "iii",
                                                     company_id, run_id, destination_id);
}

enum rc_code effect_of_deleted(struct store *st, int64_t company_id, int64_t destination_id,
                               int64_t run_id, int64_t *ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT COUNT(*) FROM effect AS e JOIN account AS a ON a.company_id = e.company_id"
        " AND a.destination_id = $3 AND a.user_id = e.user_id WHERE e.company_id = $1"
        " AND e.run_id = $2 AND e.state = 'failed' AND a.status = 'deleted'";
    return store_number(st, ret, err, sql, "iii", company_id, run_id, destination_id);
}

enum rc_code effect_any_unsure(struct store *st, int64_t company_id, int64_t destination_id,
                               int64_t since_us, bool *ret, struct rc_error *err) {
    int64_t n = 0, none;
    enum rc_code rc =
        effect_not_through(st, company_id, destination_id, since_us, 0, &n, &none, err);
    *ret = n > 0;
    return rc;
}

enum rc_code effect_any_in_doubt(struct store *st, int64_t company_id, int64_t destination_id,
                                 int64_t but_run_id, int64_t since_us, bool *ret,
                                 struct rc_error *err) {
    static const char sql[] =
        "SELECT COUNT(*) FROM run AS r JOIN effect AS e ON e.company_id = r.company_id"
        " AND e.run_id = r.run_id WHERE r.company_id = $1 AND r.destination_id = $2"
        " AND r.run_id <> $3 AND (r.ended_at IS NULL OR r.ended_at >= $4)"
        " AND ((e.state = 'unsure' AND e.at_us >= $4) OR " EFFECT_IS_SENT ")";
    int64_t n = 0;
    enum rc_code rc =
        store_number(st, &n, err, sql, "iiii", company_id, destination_id, but_run_id, since_us);
    *ret = n > 0;
    return rc;
}

enum rc_code effect_unheard(struct store *st, int64_t company_id, int64_t destination_id,
                            int64_t since_us, int64_t after_run_id, int64_t after_id, size_t most,
                            struct arena *a, struct effect **ret, size_t *ret_n,
                            struct rc_error *err) {
    /* CROSS: else SQLite goes through all effects there ever were, to have them in order. */
    static const char sql[] =
        "SELECT " COLUMNS " FROM run AS r CROSS JOIN effect AS e WHERE r.company_id = $1"
        " AND r.destination_id = $2 AND (r.ended_at IS NULL OR r.ended_at >= $3)"
        " AND e.company_id = r.company_id AND e.run_id = r.run_id"
        " AND (e.verb = 'unlink'"
        "  OR (e.verb IN ('deactivate', 'reactivate', 'update') AND r.kind <> 'undo'))"
        " AND ((e.state = 'unsure' AND e.at_us >= $3) OR " EFFECT_IS_SENT ")"
        " AND (r.run_id + 0, e.effect_id) > ($4, $5) ORDER BY r.run_id, e.effect_id LIMIT $6";
    struct db_statement *rows;
    enum rc_code rc = store_query(st, &rows, err, sql, "iiiiii", company_id, destination_id,
                                  since_us, after_run_id, after_id, (int64_t)most);
    return rc != RC_OK ? rc : effects_read(rows, most, a, ret, ret_n, err);
}

enum rc_code effect_of_user(struct store *st, int64_t company_id, int64_t destination_id,
                            int64_t user_id, size_t most, struct arena *a, struct effect **ret,
                            size_t *ret_n, struct rc_error *err) {
    static const char sql[] =
        "SELECT " COLUMNS FROM " AND r.destination_id = $2 AND e.user_id = $3"
        " ORDER BY e.run_id + 0 DESC, e.effect_id DESC LIMIT $4"; /* + 0: else SQLite goes through all */
    struct db_statement *rows;
    enum rc_code rc = store_query(st, &rows, err, sql, "iiii", company_id, destination_id, user_id,
                                  (int64_t)most);
    return rc != RC_OK ? rc : effects_read(rows, most, a, ret, ret_n, err);
}

enum rc_code effect_done_later(struct store *st, int64_t company_id, int64_t destination_id,
                               int64_t run_id, int64_t user_id, const char *verb,
                               int64_t *ret_run_id, struct rc_error *err) {
    static const char sql[] = "SELECT COALESCE(MAX(e.run_id), 0)" FROM
                              " AND r.destination_id = $2 AND e.user_id = $3 AND e.run_id > $4"
                              " AND e.state = 'done' AND (e.verb = $5"
                              "  OR (e.verb IN ('create', 'adopt') AND $5 IN ('create', 'adopt')))";
    return store_number(st, ret_run_id, err, sql, "iiiis", company_id, destination_id, user_id,
                        run_id, verb);
}

enum rc_code effect_put_first(struct store *st, int64_t company_id, int64_t run_id,
                              int64_t effect_id, struct rc_error *err) {
    static const char sql[] = "UPDATE effect SET pass = $1 WHERE company_id = $2 AND run_id = $3"
                              " AND effect_id = $4 AND state = 'planned'";
    return store_run(st, NULL, err, sql, "iiii", (int64_t)EFFECT_FIRST, company_id, run_id,
                     effect_id);
}
