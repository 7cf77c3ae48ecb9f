/* The inventory: what a platform shows, written down where it is new. Whether it is new is seen by
 * comparing with the row itself; a digest of the last inventory would not know what has been
 * delivered since. */
#include "store/account.h"

#include <stdlib.h>
#include <string.h>
#include "base/cleanup.h"
#include "store/account_p.h"
#include "store/company.h"
#include "store/our_id.h"

enum { END_AT_ONCE = 5000 };

/* ---- which rows were shown ---- */

void account_seen_done(struct account_seen *seen) {
    mem_free(seen->ids);
    *seen = (struct account_seen){ 0 };
}

void account_seen_add(struct account_seen *seen, int64_t id) {
    if (seen == NULL)
        return;
    if (seen->n == seen->cap) {
        seen->cap = seen->cap * 2 + 1024;
        seen->ids = mem_realloc(seen->ids, seen->cap * sizeof *seen->ids);
    }
    seen->ids[seen->n++] = id;
}

static int by_id(const void *a, const void *b) {
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static bool is_seen(const struct account_seen *seen, int64_t id) {
    return seen->n > 0 && bsearch(&id, seen->ids, seen->n, sizeof id, by_id) != NULL;
}

/* ---- who else is concerned ---- */

struct showing {
    struct store *st;
    int64_t company_id, destination_id, run_id;
    struct text prefix;
    struct arena *a;
    struct rc_error *err;
    struct text emails[ACCOUNT_AT_ONCE]; /* whose users are to be looked at */
    size_t emails_n;
    struct account_row *added; /* new rows of this hundred */
    size_t added_n;
};

static enum rc_code mark_emails(struct showing *s) {
    enum rc_code rc = s->emails_n == 0
                          ? RC_OK
                          : account_mark_emails(s->st, s->company_id, s->destination_id, s->emails,
                                                s->emails_n, s->err);
    s->emails_n = 0;
    return rc;
}

static enum rc_code concerns_email(struct showing *s, struct text email) {
    enum rc_code rc = RC_OK;
    if (email.state != TEXT_SET)
        return RC_OK;
    if (s->emails_n == ACCOUNT_AT_ONCE)
        rc = mark_emails(s);
    s->emails[s->emails_n++] = email;
    return rc;
}

/* "prefix:integration:source id" is the external id of one user. */
static enum rc_code concerns_external(struct showing *s, struct text external_id) {
    static const char sql[] =
        "UPDATE account SET dirty = dirty + 1 WHERE company_id = $1 AND destination_id = $2"
        " AND user_id IN (SELECT u.user_id FROM integration AS i JOIN \"user\" AS u"
        " ON u.company_id = i.company_id AND u.integration_id = i.integration_id"
        " WHERE i.company_id = $1 AND i.key = $3 AND u.source_id = $4)";
    struct text key, source_id;
    if (!our_id_split(s->prefix, external_id, &key, &source_id))
        return RC_OK;
    return store_run(s->st, NULL, s->err, sql, "iitt", s->company_id, s->destination_id, key,
                     source_id);
}

/* ---- what is new ---- */

static bool set(struct arena *a, struct text *have, struct text shown) {
    if (text_equal(*have, shown))
        return false;
    *have = text_copy(a, shown);
    return true;
}

/* A value that the platform does not show stands as it was delivered. */
static bool set_known(struct arena *a, struct account_field *have, struct text shown) {
    if (shown.state == TEXT_MISSING && text_equal(have->known, have->delivered))
        return false;
    return set(a, &have->known, shown);
}

static bool show_customs(struct arena *a, struct account *have, const struct account *shown) {
    size_t n = have->custom_n;
    bool changed = false;
    struct account_custom *list = ARENA_NEW(a, struct account_custom, n + shown->custom_n + 1);
    for (size_t i = 0; i < n; i++) {
        list[i] = have->custom[i];
        changed |= set_known(a, &list[i].field, account_custom_find(shown, list[i].name)->known);
    }
    for (size_t i = 0; i < shown->custom_n; i++) {
        const struct account_custom *c = &shown->custom[i];
        bool is_there = false;
        for (size_t k = 0; k < n && !is_there; k++)
            is_there = text_equal(list[k].name, c->name);
        if (is_there || c->field.known.state == TEXT_MISSING)
            continue;
        list[n].name = text_copy(a, c->name);
        list[n++].field.known = text_copy(a, c->field.known);
        changed = true;
    }
    if (changed) {
        have->custom = list;
        have->custom_n = n;
    }
    return changed;
}

/* The inventory knows better than our records: what shows as invited was sent a mail; what carries
 * our id and does not is to be invited by hand. */
static bool show_mail(struct account *have, const struct account *shown) {
    enum account_mail mail = have->mail;
    date_days on = have->invited_on;
    if (shown->mail == ACCOUNT_MAIL_SENT) {
        mail = ACCOUNT_MAIL_SENT;
        if (shown->invited_on != DATE_NONE)
            on = shown->invited_on;
    } else if (have->tie == ACCOUNT_OURS) {
        mail = ACCOUNT_MAIL_BY_HAND;
        on = DATE_NONE;
    }
    bool changed = mail != have->mail || on != have->invited_on;
    have->mail = mail;
    have->invited_on = on;
    return changed;
}

/* The address by which it can be told later whether it is still that account, also where it is left alone for a while. A
 * person's own id is not known here: having it again ends this where they are decided about. */
static void note_lost_id(const struct showing *s, struct account *have,
                         const struct account *shown) {
    bool loses = have->user_id != 0 && our_id_begins(s->prefix, have->external_id) &&
                 !text_equal(have->external_id, shown->external_id);
    if (loses && have->email_with_id.state != TEXT_SET)
        have->email_with_id = account_shows(&have->fields[USER_EMAIL]);
}

/* Whether the account shows something else than it is known to; written into `have`. */
static bool show_one(const struct showing *s, struct account *have, const struct account *shown) {
    enum account_tie tie = have->tie;
    bool changed = have->status != shown->status;
    have->status = shown->status;
    note_lost_id(s, have, shown);
    if (have->external_id.state == TEXT_SET || shown->external_id.state == TEXT_SET)
        changed |= set(s->a, &have->external_id, shown->external_id);
    /* Everybody has one: none says that it was not told, and the known one may protect the account. */
    if (shown->role.state == TEXT_SET)
        changed |= set(s->a, &have->role, shown->role);
    if (tie == ACCOUNT_STRANGER || tie == ACCOUNT_OURS)
        tie = our_id_begins(s->prefix, have->external_id) ? ACCOUNT_OURS : ACCOUNT_STRANGER;
    changed |= tie != have->tie;
    have->tie = tie;
    changed |= show_mail(have, shown);
    for (int f = 0; f < USER_FIELDS_N; f++)
        changed |= set_known(s->a, &have->fields[f], shown->fields[f].known);
    return show_customs(s->a, have, shown) || changed;
}

static enum rc_code concerns(struct showing *s, const struct account *before,
                             const struct account *after) {
    struct text was = before != NULL ? account_shows(&before->fields[USER_EMAIL]) : TEXT_NONE;
    struct text is = account_shows(&after->fields[USER_EMAIL]);
    struct text external = before != NULL ? before->external_id : TEXT_NONE;
    enum rc_code rc = concerns_email(s, is);
    if (rc == RC_OK && !text_equal(was, is))
        rc = concerns_email(s, was);
    if (rc == RC_OK)
        rc = concerns_external(s, after->external_id);
    if (rc == RC_OK && !text_equal(external, after->external_id))
        rc = concerns_external(s, external);
    return rc;
}

static enum rc_code show_known(struct showing *s, struct account_row *row,
                               const struct account *shown, int64_t *ret_changed) {
    struct account before = row->is;
    if (!show_one(s, &row->is, shown))
        return RC_OK;
    row->dirty = row->is.user_id != 0;
    row->listed_run_id = s->run_id;
    enum rc_code rc = account_update(s->st, s->company_id, s->destination_id, row, s->err);
    *ret_changed += rc == RC_OK;
    return rc != RC_OK ? rc : concerns(s, &before, &row->is);
}

static void show_new(struct showing *s, const struct account *shown) {
    struct account_row *row = &s->added[s->added_n++];
    *row = account_row_new(0);
    row->is.remote_id = shown->remote_id;
    row->listed_run_id = s->run_id;
    (void)show_one(s, &row->is, shown);
}

static enum rc_code add_new(struct showing *s, struct account_seen *seen, int64_t *ret_new) {
    int64_t first;
    enum rc_code rc = s->added_n == 0 ? RC_OK
                                      : company_take_ids(s->st, s->company_id, (int64_t)s->added_n,
                                                         &first, s->err);
    if (rc != RC_OK || s->added_n == 0)
        return rc;
    for (size_t i = 0; i < s->added_n; i++) {
        s->added[i].account_id = first + (int64_t)i;
        account_seen_add(seen, s->added[i].account_id);
    }
    rc = account_append(s->st, s->company_id, s->destination_id, s->added, s->added_n, s->err);
    for (size_t i = 0; i < s->added_n && rc == RC_OK; i++)
        rc = concerns(s, NULL, &s->added[i].is);
    if (rc == RC_OK)
        *ret_new += (int64_t)s->added_n;
    return rc;
}

/* ---- a page ---- */

static enum rc_code read_known(const struct showing *s, const struct account *shows, size_t n,
                               struct account_row **ret, size_t *ret_n) {
    static const char sql[] =
        "SELECT " ACCOUNT_COLUMNS " FROM account WHERE company_id = $1 AND destination_id = $2"
        " AND remote_id IS NOT NULL AND remote_id IN " ACCOUNT_HUNDRED;
    struct db_statement *rows;
    enum rc_code rc =
        store_query(s->st, &rows, s->err, sql, "ii", s->company_id, s->destination_id);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < n; i++)
        db_bind_value(rows, (int)i + 3, shows[i].remote_id);
    return account_rows_read(s->st, rows, n, s->a, ret, ret_n, s->err);
}

static struct account_row *find(struct account_row *rows, size_t n, struct text remote_id) {
    for (size_t i = 0; i < n; i++)
        if (text_equal(rows[i].is.remote_id, remote_id))
            return &rows[i];
    return NULL;
}

static bool comes_again(const struct account *shows, size_t i, size_t n) {
    for (size_t k = i + 1; k < n; k++)
        if (text_equal(shows[k].remote_id, shows[i].remote_id))
            return true;
    return false;
}

static enum rc_code show_hundred(struct showing *s, const struct account *shows, size_t n,
                                 struct account_seen *seen, int64_t *ret_new,
                                 int64_t *ret_changed) {
    struct account_row *known;
    size_t known_n;
    enum rc_code rc = read_known(s, shows, n, &known, &known_n);
    s->added = ARENA_NEW(s->a, struct account_row, n + 1);
    s->added_n = 0;
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        if (shows[i].remote_id.state != TEXT_SET || comes_again(shows, i, n))
            continue;
        struct account_row *row = find(known, known_n, shows[i].remote_id);
        if (row == NULL) {
            show_new(s, &shows[i]);
            continue;
        }
        account_seen_add(seen, row->account_id);
        rc = show_known(s, row, &shows[i], ret_changed);
    }
    if (rc == RC_OK)
        rc = add_new(s, seen, ret_new);
    return rc == RC_OK ? mark_emails(s) : rc;
}

enum rc_code account_show(struct store *st, int64_t company_id, int64_t destination_id,
                          int64_t run_id, struct text our_prefix, const struct account *shows,
                          size_t n, struct account_seen *seen, int64_t *ret_new,
                          int64_t *ret_changed, struct rc_error *err) {
    struct arena a;
    struct showing s = { .st = st,
                         .company_id = company_id,
                         .destination_id = destination_id,
                         .run_id = run_id,
                         .prefix = our_prefix,
                         .a = &a,
                         .err = err };
    enum rc_code rc = RC_OK;
    *ret_new = *ret_changed = 0;
    arena_init(&a);
    for (size_t at = 0; at < n && rc == RC_OK; at += ACCOUNT_AT_ONCE) {
        size_t some = n - at < ACCOUNT_AT_ONCE ? n - at : ACCOUNT_AT_ONCE;
        arena_reset(&a);
        rc = show_hundred(&s, shows + at, some, seen, ret_new, ret_changed);
    }
    arena_done(&a);
    return rc;
}

/* ---- the end ---- */

/* The next rows that are on the platform as far as we know, and of them those that it did not show. */
static enum rc_code read_unseen(struct showing *s, const struct account_seen *seen, int64_t *after,
                                struct account_unseen **ret, size_t *ret_n, bool *ret_more) {
    static const char sql[] =
        "SELECT account_id, user_id, remote_id, email FROM account WHERE company_id = $1"
        " AND destination_id = $2 AND remote_id IS NOT NULL AND status <> 'deleted'"
        " AND account_id > $3 ORDER BY account_id LIMIT $4";
    struct db_statement *rows;
    bool row = false;
    size_t n = 0, read = 0;
    enum rc_code rc = store_query(s->st, &rows, s->err, sql, "iiii", s->company_id,
                                  s->destination_id, *after, (int64_t)END_AT_ONCE);
    if (rc != RC_OK)
        return rc;
    struct account_unseen *list = ARENA_NEW(s->a, struct account_unseen, END_AT_ONCE);
    for (; (rc = db_step(rows, &row, s->err)) == RC_OK && row && read < END_AT_ONCE; read++) {
        *after = db_int(rows, 0);
        if (!is_seen(seen, *after))
            list[n++] =
                (struct account_unseen){ *after, !db_is_null(rows, 1), store_text(s->a, rows, 2),
                                         store_text(s->a, rows, 3) };
    }
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    *ret_more = read == END_AT_ONCE;
    return rc;
}

static void sort_seen(struct account_seen *seen) {
    if (seen->n > 0)
        qsort(seen->ids, seen->n, sizeof *seen->ids, by_id);
}

enum rc_code account_unseen(struct store *st, int64_t company_id, int64_t destination_id,
                            struct account_seen *seen, int64_t *after, struct arena *a,
                            struct account_unseen **ret, size_t *ret_n, bool *ret_more,
                            struct rc_error *err) {
    struct showing s = {
        .st = st, .company_id = company_id, .destination_id = destination_id, .a = a, .err = err
    };
    sort_seen(seen);
    return read_unseen(&s, seen, after, ret, ret_n, ret_more);
}

enum rc_code account_known(struct store *st, int64_t company_id, int64_t destination_id,
                           enum account_status status, size_t most, struct arena *a,
                           struct account_known **ret, size_t *ret_n, struct rc_error *err) {
    static const char sql[] =
        "SELECT remote_id, external_id, email FROM account WHERE company_id = $1"
        " AND destination_id = $2 AND user_id IS NOT NULL AND remote_id IS NOT NULL"
        " AND tie = 'linked' AND status = $4 ORDER BY account_id LIMIT $3";
    struct db_statement *rows;
    bool row = false;
    enum rc_code rc = store_query(st, &rows, err, sql, "iiis", company_id, destination_id,
                                  (int64_t)most, account_status_name(status));
    if (rc != RC_OK)
        return rc;
    *ret = ARENA_NEW(a, struct account_known, most);
    *ret_n = 0;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && *ret_n < most)
        (*ret)[(*ret_n)++] = (struct account_known){ store_text(a, rows, 0), store_text(a, rows, 1),
                                                     store_text(a, rows, 2) };
    db_reset(rows);
    return rc;
}

static enum rc_code end_one(struct showing *s, const struct account_unseen *u) {
    static const char gone[] =
        "UPDATE account SET status = 'deleted', dirty = dirty + 1, listed_run = $1"
        " WHERE company_id = $2 AND destination_id = $3 AND account_id = $4";
    enum rc_code rc =
        u->has_user ? store_run(s->st, NULL, s->err, gone, "iiii", s->run_id, s->company_id,
                                s->destination_id, u->account_id)
                    : account_drop(s->st, s->company_id, s->destination_id, u->account_id, s->err);
    return rc == RC_OK ? concerns_email(s, u->email) : rc;
}

static enum rc_code end_some(struct showing *s, const struct account_seen *seen, int64_t *after,
                             int64_t *ret_deleted, bool *ret_more) {
    struct account_unseen *list;
    size_t n;
    enum rc_code rc = read_unseen(s, seen, after, &list, &n, ret_more);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        rc = end_one(s, &list[i]);
    *ret_deleted += (int64_t)n;
    return rc == RC_OK ? mark_emails(s) : rc;
}

enum rc_code account_end_show(struct store *st, int64_t company_id, int64_t destination_id,
                              int64_t run_id, struct account_seen *seen, int64_t *ret_deleted,
                              struct rc_error *err) {
    struct arena a;
    struct showing s = { .st = st,
                         .company_id = company_id,
                         .destination_id = destination_id,
                         .run_id = run_id,
                         .a = &a,
                         .err = err };
    int64_t after = 0;
    bool more = true;
    enum rc_code rc = RC_OK;
    *ret_deleted = 0;
    sort_seen(seen);
    arena_init(&a);
    while (more && rc == RC_OK) {
        arena_reset(&a);
        rc = end_some(&s, seen, &after, ret_deleted, &more);
    }
    arena_done(&a);
    return rc;
}
