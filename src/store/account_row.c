/* A row: how it is read, and written with as little as has to be. */
#include "base/cleanup.h"
#include "people/stored_account.h"
#include "store/account_p.h"
#include "store/company.h"

/* ---- reading ---- */

static date_days day_read(const struct db_statement *row, int column) {
    return db_is_null(row, column) ? DATE_NONE : (date_days)db_int(row, column);
}

static enum rc_code state_read(const struct db_statement *row, struct json_reader *r,
                               struct arena *a, struct account *ret, struct rc_error *err) {
    struct text state = db_text(row, 6);
    json doc = NULL;
    if (state.state != TEXT_SET || json_parse_copy(r, state.ptr, state.len, &doc, err) != RC_OK)
        return rc_fail(err, RC_FATAL, "the state is no JSON");
    return stored_account_read(doc, a, ret, err);
}

/* What the account shows as its address: found by it. */
static struct text email_of(const struct account_row *row) {
    return account_shows(&row->is.fields[USER_EMAIL]);
}

/* FNV-1a. */
static uint64_t print_add(uint64_t h, const void *bytes, size_t len) {
    for (size_t i = 0; i < len; i++)
        h = (h ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3u;
    return h;
}

static uint64_t print_add_texts(uint64_t h, const struct text *texts, size_t n) {
    for (size_t i = 0; i < n; i++) {
        bool is_set = texts[i].state == TEXT_SET;
        h = print_add(h, &is_set, sizeof is_set);
        if (is_set)
            h = print_add(h, texts[i].ptr, texts[i].len);
    }
    return h;
}

static uint64_t print_of_keys(const struct account_row *row) {
    const struct text texts[] = { row->is.remote_id, row->is.external_id, email_of(row) };
    uint64_t h = print_add(0xcbf29ce484222325u, &row->is.user_id, sizeof row->is.user_id);
    return print_add_texts(h, texts, RC_LEN(texts));
}

/* What was decided last, as it is told to people. */
static uint64_t print_of_told(const struct account_row *row) {
    const struct text texts[] = { row->verb,  row->code,   row->sentence,
                                  row->waits, row->remedy, row->approves };
    const int64_t numbers[] = { row->due_on, row->decided_on, (int64_t)row->approval };
    uint64_t h = print_add(0xcbf29ce484222325u, numbers, sizeof numbers);
    return print_add_texts(h, texts, RC_LEN(texts));
}

static enum rc_code row_read(const struct db_statement *row, struct json_reader *r, struct arena *a,
                             struct account_row *ret, struct rc_error *err) {
    struct text tie = db_text(row, 4), status = db_text(row, 5), approval = db_text(row, 17);
    *ret = (struct account_row){
        .account_id = db_int(row, 0),
        .is = { .user_id = db_int(row, 1),
                .remote_id = store_text(a, row, 2),
                .external_id = store_text(a, row, 3),
                .tie = account_tie_parse(tie),
                .status = account_status_parse(status) },
        .dirty = db_int(row, 7) != 0,
        .marks = db_int(row, 7),
        .due_on = day_read(row, 8),
        .gone_on = day_read(row, 9),
        .excluded_on = day_read(row, 10),
        .listed_run_id = db_int(row, 11),
        .verb = store_text(a, row, 12),
        .code = store_text(a, row, 13),
        .sentence = store_text(a, row, 14),
        .waits = store_text(a, row, 15),
        .remedy = store_text(a, row, 16),
        .approval = account_approval_parse(approval),
        .approves = store_text(a, row, 18),
        .decided_on = day_read(row, 19),
    };
    enum rc_code rc = state_read(row, r, a, &ret->is, err);
    if (rc != RC_OK)
        return rc_context(err, rc, "account #%lld", (long long)ret->account_id);
    ret->keys_print = print_of_keys(ret);
    ret->told_print = print_of_told(ret);
    if (!text_is(tie, account_tie_name(ret->is.tie)) ||
        !text_is(status, account_status_name(ret->is.status)) ||
        (approval.state == TEXT_SET && ret->approval == ACCOUNT_APPROVAL_NONE))
        return rc_fail(err, RC_FATAL, "account #%lld is in a state that there is not",
                       (long long)ret->account_id);
    return RC_OK;
}

enum rc_code account_rows_read(struct store *st, struct db_statement *rows, size_t most,
                               struct arena *a, struct account_row **ret, size_t *ret_n,
                               struct rc_error *err) {
    struct account_row *list = NULL;
    enum rc_code rc;
    bool row = false;
    size_t n = 0, cap = 0;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < most) {
        if (n == cap) { /* `most` may be far more than there are, unless it is small */
            cap = cap != 0 ? cap * 2 : most <= ACCOUNT_AT_ONCE ? most : 16;
            struct account_row *grown = ARENA_NEW(a, struct account_row, cap);
            for (size_t i = 0; i < n; i++)
                grown[i] = list[i];
            list = grown;
        }
        if ((rc = row_read(rows, st->reader, a, &list[n++], err)) != RC_OK)
            break;
    }
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

/* ---- writing ---- */

static void append_day(struct db_append *ap, date_days day) {
    day != DATE_NONE ? db_append_int(ap, day) : db_append_null(ap);
}

static void append_row(struct db_append *ap, int64_t company_id, int64_t destination_id,
                       const struct account_row *row, struct text state) {
    const struct account *is = &row->is;
    bool asks = row->approval != ACCOUNT_APPROVAL_NONE;
    db_append_int(ap, company_id);
    db_append_int(ap, destination_id);
    db_append_int(ap, row->account_id);
    is->user_id != 0 ? db_append_int(ap, is->user_id) : db_append_null(ap);
    db_append_value(ap, is->remote_id);
    db_append_value(ap, is->external_id);
    db_append_value(ap, email_of(row));
    db_append_value(ap, text_of(account_tie_name(is->tie)));
    db_append_value(ap, text_of(account_status_name(is->status)));
    db_append_json(ap, state);
    db_append_int(ap, row->dirty);
    append_day(ap, row->due_on);
    append_day(ap, row->gone_on);
    append_day(ap, row->excluded_on);
    row->listed_run_id != 0 ? db_append_int(ap, row->listed_run_id) : db_append_null(ap);
    db_append_value(ap, row->verb);
    db_append_value(ap, row->code);
    db_append_value(ap, row->sentence);
    db_append_value(ap, row->waits);
    db_append_value(ap, row->remedy);
    db_append_value(ap, text_of(asks ? account_approval_name(row->approval) : NULL));
    db_append_value(ap, row->approves);
    append_day(ap, row->decided_on);
}

enum rc_code account_append(struct store *st, int64_t company_id, int64_t destination_id,
                            const struct account_row *rows, size_t n, struct rc_error *err) {
    static const char *const columns[] = { "company_id", "destination_id", "account_id", "user_id",
                                           "remote_id",  "external_id",    "email",      "tie",
                                           "status",     "state",          "dirty",      "due_on",
                                           "gone_on",    "excluded_on",    "listed_run", "verb",
                                           "code",       "sentence",       "waits",      "remedy",
                                           "approval",   "approves",       "decided_on", NULL };
    struct db_append *ap;
    struct arena a; /* bytes are borrowed until the end */
    struct buf state;
    enum rc_code rc = db_append_open(st->db, "account", columns,
                                     "iiiittttttiiiiitttttt"
                                     "ti",
                                     &ap, err);
    if (rc != RC_OK)
        return rc;
    arena_init(&a);
    buf_init(&state, STORED_ACCOUNT_BYTES);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        buf_clear(&state);
        stored_account_write(&rows[i].is, &state);
        struct text copy = text_from(arena_copy(&a, state.ptr, state.len), state.len);
        append_row(ap, company_id, destination_id, &rows[i], copy);
        rc = db_append_row(ap, err);
    }
    rc = db_append_end(ap, rc, err);
    buf_done(&state);
    arena_done(&a);
    return rc;
}

static void bind_day(struct db_statement *st, int n, date_days day) {
    if (day != DATE_NONE)
        db_bind_int(st, n, day);
}

static void bind_keys(struct db_statement *st, const struct account_row *row) {
    if (row->is.user_id != 0)
        db_bind_int(st, 4, row->is.user_id);
    db_bind_value(st, 5, row->is.remote_id);
    db_bind_value(st, 6, row->is.external_id);
    db_bind_value(st, 7, email_of(row));
}

static void bind_row(struct db_statement *st, const struct account_row *row) {
    const struct account *is = &row->is;
    bind_keys(st, row);
    db_bind_cstr(st, 8, account_tie_name(is->tie));
    db_bind_cstr(st, 9, account_status_name(is->status));
    db_bind_int(st, 11, row->dirty ? -1 : row->marks);
    bind_day(st, 12, row->due_on);
    bind_day(st, 13, row->gone_on);
    bind_day(st, 14, row->excluded_on);
    if (row->listed_run_id != 0)
        db_bind_int(st, 15, row->listed_run_id);
    db_bind_value(st, 16, row->verb);
    db_bind_value(st, 17, row->code);
    db_bind_value(st, 18, row->sentence);
    db_bind_value(st, 19, row->waits);
    db_bind_value(st, 20, row->remedy);
    if (row->approval != ACCOUNT_APPROVAL_NONE)
        db_bind_cstr(st, 21, account_approval_name(row->approval));
    db_bind_value(st, 22, row->approves);
    bind_day(st, 23, row->decided_on);
}

/* Nobody has to look again, unless somebody has marked it since it was read. */
#define DIRTY "dirty = CASE WHEN dirty = $11 THEN 0 WHEN $11 < 0 THEN dirty + 1 ELSE dirty END,"
#define SETS                                                                                       \
    " due_on = $12, tie = $8, status = $9, state = $10, gone_on = $13, excluded_on = $14,"         \
    " listed_run = $15, verb = $16, code = $17, sentence = $18, waits = $19, remedy = $20,"        \
    " approval = $21, approves = $22, decided_on = $23" THIS_ROW
#define THIS_ROW  " WHERE company_id = $1 AND destination_id = $2 AND account_id = $3"
#define SAME_USER " AND user_id IS NOT DISTINCT FROM $4"
#define SAME_KEYS                                                                                  \
    " AND remote_id IS NOT DISTINCT FROM $5 AND external_id IS NOT DISTINCT FROM $6"               \
    " AND email IS NOT DISTINCT FROM $7"
/* Whoever is to be looked at again, and is so anyway, needs no further mark. */
#define STAYS_DIRTY " AND dirty <> 0 AND dirty > $11"

static enum rc_code update(struct store *st, const char *sql, int64_t company_id,
                           int64_t destination_id, const struct account_row *row,
                           const struct buf *state, int64_t *ret_n, struct rc_error *err) {
    struct db_statement *update;
    enum rc_code rc =
        store_query(st, &update, err, sql, "iii", company_id, destination_id, row->account_id);
    if (rc != RC_OK)
        return rc;
    bind_row(update, row);
    db_bind_text(update, 10, state->ptr, state->len);
    return db_run(update, ret_n, err);
}

/* What is told of it stays, and that it is to be looked at again. */
static enum rc_code update_account(struct store *st, int64_t company_id, int64_t destination_id,
                                   const struct account_row *row, bool keys,
                                   const struct buf *state, int64_t *ret_n, struct rc_error *err) {
#define STATE                                                                                      \
    "tie = $8, status = $9, state = $10, gone_on = $11, excluded_on = $12,"                        \
    " listed_run = $13" THIS_ROW " AND dirty <> 0" SAME_USER
    static const char same[] = "UPDATE account SET " STATE SAME_KEYS;
    static const char other[] =
        "UPDATE account SET remote_id = $5, external_id = $6, email = $7, " STATE;
#undef STATE
    const struct account *is = &row->is;
    struct db_statement *update;
    enum rc_code rc = store_query(st, &update, err, keys ? other : same, "iii", company_id,
                                  destination_id, row->account_id);
    if (rc != RC_OK)
        return rc;
    bind_keys(update, row);
    db_bind_cstr(update, 8, account_tie_name(is->tie));
    db_bind_cstr(update, 9, account_status_name(is->status));
    db_bind_text(update, 10, state->ptr, state->len);
    bind_day(update, 11, row->gone_on);
    bind_day(update, 12, row->excluded_on);
    if (row->listed_run_id != 0)
        db_bind_int(update, 13, row->listed_run_id);
    return db_run(update, ret_n, err);
}

/* Writing a column that an index holds costs SQLite a change of the index, also when the value stays:
 * so those are left out where they look the same as when the row was read, and are so still. */
enum rc_code account_update(struct store *st, int64_t company_id, int64_t destination_id,
                            const struct account_row *row, struct rc_error *err) {
    static const char light[] = "UPDATE account SET " DIRTY SETS SAME_USER SAME_KEYS;
    static const char lighter[] = "UPDATE account SET " SETS SAME_USER SAME_KEYS STAYS_DIRTY;
    /* Two indexes hold whose it is, which seldom changes with the rest. */
    static const char keys[] =
        "UPDATE account SET remote_id = $5, external_id = $6, email = $7," DIRTY SETS SAME_USER;
    static const char whole[] =
        "UPDATE account SET user_id = $4, remote_id = $5, external_id = $6, email = $7," DIRTY SETS;
    bool was_read = row->keys_print != 0, same = was_read && row->keys_print == print_of_keys(row);
    bool stays_dirty = row->dirty && row->marks > 0;
    struct buf state;
    int64_t n = 0;
    enum rc_code rc = RC_OK;
    buf_init(&state, STORED_ACCOUNT_BYTES);
    stored_account_write(&row->is, &state);
    if (state.full)
        rc = rc_fail(err, RC_INVALID, "account #%lld holds too much to be kept",
                     (long long)row->account_id);
    if (rc == RC_OK && was_read && stays_dirty && row->told_print == print_of_told(row))
        rc = update_account(st, company_id, destination_id, row, !same, &state, &n, err);
    else if (rc == RC_OK && same)
        rc = update(st, stays_dirty ? lighter : light, company_id, destination_id, row, &state, &n,
                    err);
    if (rc == RC_OK && n == 0)
        rc = update(st, keys, company_id, destination_id, row, &state, &n, err);
    if (rc == RC_OK && n == 0)
        rc = update(st, whole, company_id, destination_id, row, &state, &n, err);
    buf_done(&state);
    if (rc == RC_OK && n == 0)
        return rc_fail_as(err, RC_NOT_FOUND, "account.unknown", "account #%lld is gone",
                          (long long)row->account_id);
    return rc;
}

enum rc_code account_save(struct store *st, int64_t company_id, int64_t destination_id,
                          struct account_row *row, struct rc_error *err) {
    if (row->account_id != 0)
        return account_update(st, company_id, destination_id, row, err);
    struct account_row added = *row;
    enum rc_code rc = company_take_ids(st, company_id, 1, &added.account_id, err);
    if (rc == RC_OK &&
        (rc = account_append(st, company_id, destination_id, &added, 1, err)) == RC_OK)
        row->account_id = added.account_id;
    return rc;
}

enum rc_code account_drop(struct store *st, int64_t company_id, int64_t destination_id,
                          int64_t account_id, struct rc_error *err) {
    static const char sql[] = "DELETE FROM account WHERE company_id = $1 AND destination_id = $2"
                              " AND account_id = $3";
    return store_run(st, NULL, err, sql, "iii", company_id, destination_id, account_id);
}
