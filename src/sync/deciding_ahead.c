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

/* Our external ids; and what is to be searched is put in order. */
static void note_texts(struct deciding *d, struct deciding_ahead *h, struct arena *a) {
    h->externals = ARENA_NEW(a, struct text, h->people_n + 1);
    for (size_t i = 0; i < h->people_n; i++) {
        const struct person *p = &h->people[i];
        const struct deciding_feed *feed = deciding_feed_of(d, p->integration_id);
        if (feed != NULL)
            h->externals[h->externals_n++] = deciding_external_id(d, feed, p->source_id, a);
    }
    qsort(h->emails, h->emails_n, sizeof *h->emails, by_bytes);
    qsort(h->externals, h->externals_n, sizeof *h->externals, by_bytes);
}

enum rc_code deciding_look_ahead(struct deciding *d, const int64_t *user_ids, size_t n,
                                 bool accounts, struct arena *a, struct rc_error *err) {
    int64_t company_id = d->company->company_id, destination_id = d->platform->destination_id;
    enum rc_code rc;
    d->ahead = NULL;
    if (n < WORTH_IT)
        return RC_OK;
    struct deciding_ahead *h = ARENA_NEW(a, struct deciding_ahead, 1);
    if ((rc = ahead_people(d->st, company_id, user_ids, n, a, &h->people, &h->emails, &h->people_n,
                           &h->emails_n, err)) != RC_OK)
        return rc;
    note_texts(d, h, a);
    if ((rc = ahead_stated(d->st, company_id, h->emails, h->emails_n, a, &h->stated, err)) !=
            RC_OK ||
        (rc = ahead_shown(d->st, company_id, destination_id, h->emails, h->emails_n, a, &h->shown,
                          err)) != RC_OK ||
        (rc = ahead_external(d->st, company_id, destination_id, h->externals, h->externals_n, a,
                             &h->external, err)) != RC_OK)
        return rc;
    if (accounts && (rc = ahead_accounts(d->st, company_id, destination_id, user_ids, n, a,
                                         &h->accounts, &h->accounts_n, err)) != RC_OK)
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
        if (h->people[mid].user_id < user_id)
            from = mid + 1;
        else
            to = mid;
    }
    return from < n && h->people[from].user_id == user_id ? &h->people[from] : NULL;
}

enum rc_code deciding_account(struct deciding *d, int64_t user_id, struct arena *a,
                              struct account_row *ret, struct rc_error *err) {
    const struct deciding_ahead *h = d->ahead;
    size_t from = 0, to = h != NULL ? h->accounts_n : 0, n = to;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (h->accounts[mid].is.user_id < user_id)
            from = mid + 1;
        else
            to = mid;
    }
    if (from < n && h->accounts[from].is.user_id == user_id) {
        *ret = h->accounts[from];
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
