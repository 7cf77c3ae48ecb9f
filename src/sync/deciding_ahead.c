/* What the next questions will ask of the store, read for all of them at once. It is what each would read
 * by itself at that moment: forgotten with the transaction (deciding_recall()), and whatever was not
 * read ahead is read one by one. */
#include <stdlib.h>
#include "sync/deciding_p.h"

enum { WORTH_IT = 4 }; /* of fewer each asks for itself */

static int by_bytes(const void *a, const void *b) {
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static bool was_asked(const struct text *asked, size_t n, struct text t) {
    return n > 0 && bsearch(&t, asked, n, sizeof *asked, by_bytes) != NULL;
}

static int by_user(const void *a, const void *b) {
    const struct account_row *const *r = a, *const *s = b;
    return (*r)->is.user_id < (*s)->is.user_id ? -1 : (*r)->is.user_id > (*s)->is.user_id;
}

static const struct account_row *row_of(const struct deciding_ahead *h, int64_t user_id) {
    for (size_t from = 0, to = h->accounts_n; from < to;) {
        size_t mid = from + (to - from) / 2;
        if (h->accounts[mid]->is.user_id == user_id)
            return h->accounts[mid];
        if (h->accounts[mid]->is.user_id < user_id)
            from = mid + 1;
        else
            to = mid;
    }
    return NULL;
}

static void note_accounts(struct deciding_ahead *h, const struct account_row *rows, size_t n,
                          struct arena *a) {
    h->accounts = ARENA_NEW(a, const struct account_row *, n + 1);
    h->accounts_n = n;
    for (size_t i = 0; i < n; i++)
        h->accounts[i] = &rows[i];
    qsort(h->accounts, n, sizeof *h->accounts, by_user);
}

/* The addresses and our external ids of those about whom it matters who has them. */
static void note_texts(struct deciding *d, struct deciding_ahead *h, struct arena *a) {
    h->emails = ARENA_NEW(a, struct text, h->people_n + 1);
    h->externals = ARENA_NEW(a, struct text, h->people_n + 1);
    for (size_t i = 0; i < h->people_n; i++) {
        const struct ahead_person *p = &h->people[i];
        const struct deciding_feed *feed = deciding_feed_of(d, p->is.integration_id);
        const struct account_row *row = row_of(h, p->is.user_id);
        const struct account *own = row != NULL ? &row->is : NULL;
        if (p->email.state == TEXT_SET && deciding_asks_about_address(p->email, own))
            h->emails[h->emails_n++] = p->email;
        if (feed != NULL && (own == NULL || !account_exists(own)))
            h->externals[h->externals_n++] = deciding_external_id(d, feed, p->is.source_id, a);
    }
    qsort(h->emails, h->emails_n, sizeof *h->emails, by_bytes);
    qsort(h->externals, h->externals_n, sizeof *h->externals, by_bytes);
}

enum rc_code deciding_look_ahead(struct deciding *d, const int64_t *user_ids, size_t n,
                                 const struct account_row *rows, struct arena *a,
                                 struct rc_error *err) {
    struct account_row *read = NULL;
    size_t read_n = n;
    int64_t company_id = d->company->company_id, destination_id = d->platform->destination_id;
    enum rc_code rc;
    d->ahead = NULL;
    if (n < WORTH_IT)
        return RC_OK;
    struct deciding_ahead *h = ARENA_NEW(a, struct deciding_ahead, 1);
    if ((rc = ahead_people(d->st, company_id, user_ids, n, a, &h->people, &h->people_n, err)) !=
            RC_OK ||
        (rows == NULL && (rc = ahead_accounts(d->st, company_id, destination_id, user_ids, n, a,
                                              &read, &read_n, err)) != RC_OK))
        return rc;
    note_accounts(h, rows != NULL ? rows : read, read_n, a);
    note_texts(d, h, a);
    if ((rc = ahead_stated(d->st, company_id, h->emails, h->emails_n, a, &h->stated, err)) !=
            RC_OK ||
        (rc = ahead_shown(d->st, company_id, destination_id, h->emails, h->emails_n, a, &h->shown,
                          err)) != RC_OK ||
        (rc = ahead_external(d->st, company_id, destination_id, h->externals, h->externals_n, a,
                             &h->external, err)) != RC_OK)
        return rc;
    d->ahead = h;
    return RC_OK;
}

/* ---- what of it is there ---- */

const struct person *deciding_ahead_person(const struct deciding *d, int64_t user_id) {
    const struct deciding_ahead *h = d->ahead;
    size_t from = 0, to = h != NULL ? h->people_n : 0, n = to;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (h->people[mid].is.user_id < user_id)
            from = mid + 1;
        else
            to = mid;
    }
    return from < n && h->people[from].is.user_id == user_id ? &h->people[from].is : NULL;
}

enum rc_code deciding_account(struct deciding *d, int64_t user_id, struct arena *a,
                              struct account_row *ret, struct rc_error *err) {
    const struct deciding_ahead *h = d->ahead;
    const struct account_row *row = h != NULL ? row_of(h, user_id) : NULL;
    if (row != NULL) {
        *ret = *row;
        return RC_OK;
    }
    return account_of_user(d->st, d->company->company_id, d->platform->destination_id, user_id, a,
                           ret, err);
}

enum rc_code deciding_states(struct deciding *d, struct text email, size_t most, int64_t *ret_ids,
                             size_t *ret_n, struct rc_error *err) {
    const struct deciding_ahead *h = d->ahead;
    if (h == NULL || !h->stated.all || !was_asked(h->emails, h->emails_n, email))
        return directory_of_email(d->st, d->company->company_id, email, most, ret_ids, ret_n, err);
    const struct ahead_pair *pairs = ahead_pairs_of(&h->stated, email, ret_n);
    *ret_n = *ret_n < most ? *ret_n : most;
    for (size_t i = 0; i < *ret_n; i++)
        ret_ids[i] = pairs[i].id;
    return RC_OK;
}

enum rc_code deciding_shows(struct deciding *d, struct text email, int64_t ret_ids[2],
                            size_t *ret_n, struct rc_error *err) {
    const struct deciding_ahead *h = d->ahead;
    if (h == NULL || !h->shown.all || !was_asked(h->emails, h->emails_n, email))
        return account_email_is_of(d->st, d->company->company_id, d->platform->destination_id,
                                   email, ret_ids, ret_n, err);
    const struct ahead_pair *pairs = ahead_pairs_of(&h->shown, email, ret_n);
    *ret_n = *ret_n < 2 ? *ret_n : 2;
    for (size_t i = 0; i < *ret_n; i++)
        ret_ids[i] = pairs[i].id;
    return RC_OK;
}

bool deciding_has_no_twin(const struct deciding *d, struct text external_id) {
    const struct deciding_ahead *h = d->ahead;
    size_t n = 0;
    if (h == NULL || !h->external.all || !was_asked(h->externals, h->externals_n, external_id))
        return false;
    (void)ahead_pairs_of(&h->external, external_id, &n);
    return n == 0;
}
