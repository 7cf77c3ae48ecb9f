/* What follows from a decision: what is to be written down about the account. */
#include "people/decide.h"

#include <string.h>
#include "base/cleanup.h"

/* The platform's own fields are found by name; one that is not there yet is added. */
static struct account_field *custom_of(struct account *account, struct text name, struct arena *a) {
    struct account_custom *copy = ARENA_NEW(a, struct account_custom, account->custom_n + 1);
    size_t at = account->custom_n;
    for (size_t i = 0; i < account->custom_n; i++) {
        copy[i] = account->custom[i];
        if (text_equal(copy[i].name, name))
            at = i;
    }
    if (at == account->custom_n) {
        copy[at].name = text_copy(a, name);
        account->custom_n++;
    }
    account->custom = copy;
    return &copy[at].field;
}

static struct account_field *field_of(struct account *account, const struct decide_field *f,
                                      struct arena *a) {
    return f->field < USER_FIELDS_N ? &account->fields[f->field] : custom_of(account, f->name, a);
}

static void open_as(struct account *account) {
    account->status = account->left_as = ACCOUNT_ACTIVE;
    account->sticky = ACCOUNT_FREE;
    account->approved[ACCOUNT_APPROVAL_REOPEN] = (struct text){ 0 };
}

/* Nothing of an account before it counts but what the platform refused. */
static void create(const struct decision *d, int64_t user_id, struct text remote_id,
                   date_days today, struct arena *a, struct account *account) {
    struct account made = { .user_id = user_id,
                            .remote_id = remote_id,
                            .tie = ACCOUNT_LINKED,
                            .mail = d->mail,
                            .invited_on = d->mails ? today : DATE_NONE,
                            .delivered_run_id = account->delivered_run_id };
    struct account_custom *custom = ARENA_NEW(a, struct account_custom, account->custom_n + 1);
    for (int f = 0; f < USER_FIELDS_N; f++)
        made.fields[f].refused = account->fields[f].refused;
    for (size_t i = 0; i < account->custom_n; i++) {
        custom[i].name = account->custom[i].name;
        custom[i].field.refused = account->custom[i].field.refused;
    }
    made.custom = custom;
    made.custom_n = account->custom_n;
    open_as(&made);
    if (!d->mails) { /* the word for an invitation is one for this account, too */
        made.approved[ACCOUNT_APPROVAL_INVITE] = account->approved[ACCOUNT_APPROVAL_INVITE];
        made.invite_on = account->invite_on;
    }
    *account = made;
}

static bool was_declined(const struct account *account, const struct decide_field *f) {
    for (size_t i = 0; i < account->declined_n; i++)
        if (account->declined[i].field == f->field &&
            text_equal(account->declined[i].name, f->name))
            return true;
    return false;
}

/* What was said of it, and sent to it, was of another. */
static void change_hands(struct account *account, int64_t user_id) {
    struct account_field *email = &account->fields[USER_EMAIL];
    if (account->user_id == user_id)
        return;
    memset(account->approved, 0, sizeof account->approved);
    account->invite_on = 0;
    if (email->known.state != TEXT_MISSING)
        email->delivered = (struct text){ 0 };
    account->user_id = user_id;
}

void decide_carried_out(const struct decision *d, int64_t user_id, struct text remote_id,
                        date_days today, struct arena *a, struct account *account) {
    account->left_as = d->left_as;
    account->sticky = d->sticky;
    switch (d->verb) {
    case DECIDE_NOTHING:
    case DECIDE_UPDATE: break;
    case DECIDE_CREATE: create(d, user_id, text_copy(a, remote_id), today, a, account); break;
    case DECIDE_ADOPT:
        account->approved[ACCOUNT_APPROVAL_ADOPT] = (struct text){ 0 };
        account->approved[ACCOUNT_APPROVAL_PROTECTED] = (struct text){ 0 };
        open_as(account);
        break;
    case DECIDE_REACTIVATE: open_as(account); break;
    case DECIDE_INVITE:
        account->mail = ACCOUNT_MAIL_SENT;
        account->invited_on = today;
        account->approved[ACCOUNT_APPROVAL_INVITE] = (struct text){ 0 };
        account->invite_on = 0;
        break;
    case DECIDE_DEACTIVATE: /* platforms take team and manager away with it */
        account->status = account->left_as = ACCOUNT_DEACTIVATED;
        account->fields[USER_PRIMARY_TEAM] = (struct account_field){ 0 };
        account->fields[USER_SECONDARY_TEAMS] = (struct account_field){ 0 };
        account->fields[USER_MANAGER] = (struct account_field){ 0 };
        break;
    case DECIDE_VERBS_N: break;
    }
    if (d->links.state == TEXT_SET) {
        if (account->user_id == 0 && account->mail == ACCOUNT_MAIL_PROMISED)
            account->mail = ACCOUNT_MAIL_BY_HAND; /* it was promised to somebody who has gone */
        account->tie = ACCOUNT_LINKED;
        change_hands(account, user_id);
    }
    for (size_t i = 0; i < d->fields_n; i++) {
        struct text to = text_copy(a, d->fields[i].to);
        if (d->fields[i].does != DECIDE_FIELD_SENDS)
            continue;
        *field_of(account, &d->fields[i], a) = (struct account_field){ to, to, { 0 } };
        if (was_declined(account, &d->fields[i])) /* it was tried again, and taken */
            account->declined_n = 0;
        if (d->fields[i].field == USER_EMAIL)
            account->approved[ACCOUNT_APPROVAL_EMAIL] = (struct text){ 0 };
    }
    if (d->links.state == TEXT_SET) /* until it is known to show their id */
        account->email_with_id = account_shows(&account->fields[USER_EMAIL]);
}

/* ---- what people have said of it ---- */

static bool end(struct account *account, enum account_approval p, bool has_gone) {
    if (!has_gone || account->approved[p].state != TEXT_SET)
        return false;
    account->approved[p] = (struct text){ 0 };
    if (p == ACCOUNT_APPROVAL_INVITE)
        account->invite_on = 0;
    return true;
}

/* Of the account that they have it says that it was linked by hand, until it has our id. */
static bool is_adoption_over(const struct decide_refs *refs, const struct account *account,
                             bool has_left) {
    struct text which = account->approved[ACCOUNT_APPROVAL_ADOPT];
    if (account_is_there(account))
        return !text_equal(account->remote_id, which);
    if (refs->twin != NULL && text_equal(refs->twin->remote_id, which))
        return false; /* it has their id, also once they have left */
    bool is_of_who_works =
        refs->holder == DECIDE_HOLDER_OTHER && !lifecycle_is_gone(refs->held_by_lifecycle);
    return has_left || is_of_who_works ||
           (refs->holder != DECIDE_HOLDER_UNKNOWN &&
            (refs->held_by == NULL || !text_equal(refs->held_by->remote_id, which)));
}

bool decide_end_answers(const struct decision *d, const struct user *u,
                        const struct decide_refs *refs, struct account *account) {
    const struct text *said = account->approved, email = u->fields[USER_EMAIL];
    bool is_settled = strcmp(d->code, DECIDE_CLOCK_IN_DOUBT) != 0; /* no day has come by that */
    bool has_left = (d->lifecycle == LIFECYCLE_LEFT && is_settled) ||
                    u->fields[USER_EXCLUDED].state == TEXT_SET;
    bool is_deleted = account->status == ACCOUNT_DELETED;
    bool may_be_closed =
        account->status == ACCOUNT_DEACTIVATED || account->status == ACCOUNT_UNKNOWN;
    bool any = end(account, ACCOUNT_APPROVAL_RECREATE,
                   has_left || !is_deleted ||
                       !text_equal(said[ACCOUNT_APPROVAL_RECREATE], account->remote_id));
    any |= end(account, ACCOUNT_APPROVAL_REOPEN,
               has_left || !may_be_closed ||
                   !text_equal(said[ACCOUNT_APPROVAL_REOPEN], account->remote_id));
    any |= end(account, ACCOUNT_APPROVAL_INVITE, has_left || account->mail == ACCOUNT_MAIL_SENT);
    any |= end(
        account, ACCOUNT_APPROVAL_EMAIL,
        has_left ||
            text_equal(account_shows(&account->fields[USER_EMAIL]), said[ACCOUNT_APPROVAL_EMAIL]) ||
            (email.state == TEXT_SET && !text_equal(email, said[ACCOUNT_APPROVAL_EMAIL])));
    if (end(account, ACCOUNT_APPROVAL_ADOPT, is_adoption_over(refs, account, has_left)))
        any = true;
    else
        return any;
    (void)end(account, ACCOUNT_APPROVAL_PROTECTED, true);
    return any;
}

void decide_refused(const struct decide_field *f, struct arena *a, struct account *account) {
    field_of(account, f, a)->refused = text_copy(a, f->to);
}

/* What it says about it is shown to people, in a sentence. */
static struct text words_of(struct text said, struct arena *a) {
    enum { CHARACTERS = 200 };
    return said.state == TEXT_SET
               ? text_copy(a, text_from(said.ptr, text_first_bytes(said, CHARACTERS)))
               : TEXT_NONE;
}

void decide_declined(const struct decision *d, const struct decision *sent, struct text said,
                     struct arena *a, struct account *account) {
    struct account_sent *all = ARENA_NEW(a, struct account_sent, d->fields_n + sent->fields_n + 1);
    size_t n = 0;
    for (size_t i = 0; i < sent->fields_n; i++)
        if (sent->fields[i].does == DECIDE_FIELD_SENDS)
            all[n++] =
                (struct account_sent){ sent->fields[i].field, text_copy(a, sent->fields[i].name),
                                       text_copy(a, sent->fields[i].to) };
    if (n == 0)
        return;
    for (size_t i = 0; i < d->fields_n; i++)
        if (d->fields[i].code != NULL && strcmp(d->fields[i].code, DECIDE_DECLINED) == 0)
            all[n++] = (struct account_sent){ d->fields[i].field, text_copy(a, d->fields[i].name),
                                              text_copy(a, d->fields[i].to) };
    account->declined = all;
    account->declined_n = n;
    account->declined_said = words_of(said, a);
}
