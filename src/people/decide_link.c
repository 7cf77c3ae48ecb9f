/* The rules about accounts that become somebody's: found by an external id of ours, by an address, or linked by hand; and
 * about what a person has said of whose one is. decide.c asks them. */
#include "people/decide_p.h"

#include "base/cleanup.h"

/* ---- by our id ---- */

static bool shows_address_of(const struct account *t, const struct user *u) {
    return text_equal(account_shows(&t->fields[USER_EMAIL]), u->fields[USER_EMAIL]);
}

/* It was given this person's id, and a person has taken that back since. */
bool decide_carries_anothers_id(const struct rules *r) {
    return !r->refs->twin_is_back &&
           account_is_approved(r->own, ACCOUNT_APPROVAL_APART, r->refs->twin->remote_id);
}

bool decide_is_back(const struct account *own, const struct account *t, const struct user *u,
                    struct text external_id) {
    bool is_free = t->user_id == 0 &&
                   (t->tie != ACCOUNT_IGNORED || /* not by another word than this one */
                    account_is_approved(t, ACCOUNT_APPROVAL_APART, t->remote_id)) &&
                   (t->status == ACCOUNT_ACTIVE || t->status == ACCOUNT_DEACTIVATED);
    return is_free && own->email_with_id.state == TEXT_SET &&
           account_is_approved(own, ACCOUNT_APPROVAL_APART, t->remote_id) &&
           (text_equal(t->external_id, external_id) ||
            (t->external_id.state != TEXT_SET && shows_address_of(t, u) &&
             account_likeness(t, u) != ACCOUNT_NAME_OTHER));
}

/* An integration that was added again may be another HR system, which gives the same ids to others; some of them have
 * the same first name. */
static bool looks_like_anothers(const struct account *t, const struct user *u) {
    bool tells = account_shows(&t->fields[USER_FIRST_NAME]).state == TEXT_SET ||
                 account_shows(&t->fields[USER_LAST_NAME]).state == TEXT_SET ||
                 account_shows(&t->fields[USER_EMAIL]).state == TEXT_SET;
    return tells && !shows_address_of(t, u) && account_likeness(t, u) != ACCOUNT_NAME_SAME;
}

/* Made by us, and the answer got lost, or what was known of it here was removed since. */
bool decide_is_plainly_theirs(const struct rules *r) {
    const struct account *t = r->refs->twin;
    return t->tie != ACCOUNT_IGNORED && /* that is a word, and no answer that got lost */
           (!looks_like_anothers(t, r->person->user) ||
            account_is_approved(r->own, ACCOUNT_APPROVAL_ADOPT, t->remote_id));
}

bool decide_is_left_apart(struct rules *r) {
    const struct account *t = r->there;
    if (shows_address_of(t, r->person->user))
        return decide_waits(
            r, DECIDE_WAITS_FOR_PLATFORM, DECIDE_UNLINKED,
            "account {account} still has this person's external id and address, and is "
            "not theirs, as a person said: once it has neither there, one is made");
    return decide_waits(
        r, DECIDE_WAITS_FOR_PLATFORM, DECIDE_UNLINKED,
        "account {account} still has this person's external id and is not theirs, as a "
        "person said: once it has none there, or another, one is made");
}

/* ---- by nothing that it shows ---- */

bool decide_may_be_anothers(const struct account *a, const struct user *u,
                            struct text external_id) {
    const struct account_field *email = &a->fields[USER_EMAIL];
    return a->tie == ACCOUNT_LINKED && external_id.state == TEXT_SET &&
           !text_equal(a->external_id, external_id) && email->known.state == TEXT_SET &&
           !text_equal(email->known, a->email_with_id) &&
           !text_equal(email->known, email->delivered) && !shows_address_of(a, u) &&
           DECIDE_KEEPS(DECIDE_STRANGERS);
}

/* ---- by its address ---- */

/* Taking over the account that has the address. Who said yes to it before it was protected has not said yes to
 * this. */
static bool asks_to_adopt(struct rules *r, const char *code, const char *why) {
    const struct account *t = r->refs->held_by;
    if (policy_protects(r->policy, t) == NULL ||
        account_is_approved(r->own, ACCOUNT_APPROVAL_PROTECTED, t->remote_id))
        return decide_asks(r, ACCOUNT_APPROVAL_ADOPT, t->remote_id, code, why);
    r->d->approval = ACCOUNT_APPROVAL_ADOPT;
    r->d->approves = t->remote_id;
    return decide_waits(r, DECIDE_WAITS_FOR_APPROVAL, code, why);
}

static bool adopt(struct rules *r, const char *code, const char *why) {
    r->there = r->refs->held_by;
    r->d->links = r->there->remote_id;
    r->d->reactivates = r->there->status == ACCOUNT_DEACTIVATED;
    r->d->left_as = ACCOUNT_ACTIVE;
    r->d->sticky = ACCOUNT_FREE;
    decide_does(r, r->d->reactivates ? DECIDE_REACTIVATE : DECIDE_ADOPT, code, why);
    decide_compare_all(r); /* a closed one gets team and manager again */
    return decide_does(r, DECIDE_ADOPT, code, why);
}

/* It has their address and their id, which nobody but us gives, and whose it is known to be has gone: what was done was
 * not written down, and is done again. */
bool decide_was_handed_over(const struct rules *r) {
    return r->refs->holder == DECIDE_HOLDER_OTHER &&
           text_equal(r->refs->held_by->remote_id, r->refs->carrier->remote_id) &&
           lifecycle_is_gone(r->refs->held_by_lifecycle);
}

/* Another user of ours has the address. It is the same person under a new HR id, or somebody else
 * who was given a used address: only a person can tell for certain. */
bool decide_relink(struct rules *r) {
    const struct account *t = r->refs->held_by;
    bool is_closed = t->status == ACCOUNT_DEACTIVATED;
    if (r->refs->held_by_moves)
        return decide_waits(
            r, DECIDE_WAITS_FOR_OTHER, "email-moves",
            "email: {email} is that of account {theirs}, which is to get another first");
    if (r->refs->held_by_fixed != DECIDE_FIXED_NOT)
        return decide_waits(
            r, DECIDE_WAITS_FOR_OTHER, "email-taken",
            "email: {email} is that of account {theirs}, which keeps it although HR "
            "states {wants} for its user: {fixed}");
    if (!lifecycle_is_gone(r->refs->held_by_lifecycle))
        return decide_waits(
            r, DECIDE_WAITS_FOR_HR, "email-taken",
            "email: {email} is that of account {theirs}, of somebody who works there");
    if (r->refs->held_by_lifecycle == LIFECYCLE_ABSENT)
        return decide_waits(
            r, DECIDE_WAITS_FOR_READING, "holder-unsettled",
            "email: {email} is that of account {theirs}; HR does not list whose it was, "
            "and it is not settled why");
    if (t->tie != ACCOUNT_LINKED || (t->status != ACCOUNT_ACTIVE && !is_closed))
        return decide_waits(r, DECIDE_WAITS_FOR_PLATFORM, "email-taken",
                            "email: {email} is that of account {theirs}, which is left alone");
    if (account_is_approved(r->own, ACCOUNT_APPROVAL_APART, t->remote_id))
        return decide_waits(
            r, DECIDE_WAITS_FOR_PLATFORM, "email-taken",
            "email: {email} is that of account {theirs}, which is somebody else's, as a "
            "person said: once that account has another address there, one is made");
    if ((!r->policy->relinks || policy_protects(r->policy, t) != NULL ||
         account_likeness(t, r->person->user) != ACCOUNT_NAME_SAME) &&
        asks_to_adopt(
            r, DECIDE_RELINK_OFFERED,
            "email: {email} is that of account {theirs}, whose user is gone from HR: the same "
            "person again, or somebody else?"))
        return true;
    if (is_closed && lifecycle_rule_is_past_end(r->d->lifecycle_rule) &&
        !account_is_approved(r->own, ACCOUNT_APPROVAL_ADOPT, t->remote_id))
        return decide_waits(
            r, DECIDE_WAITS_FOR_HR, DECIDE_PAST_END,
            "{rule}; account {theirs} has the address, is deactivated, and stays so");
    if (r->joining.reopen_on == DATE_NONE || r->joining.reopen_on > r->today)
        return decide_waits(r, DECIDE_WAITS_FOR_DAY, "before-hire-date",
                            "hire_date {hire_date}: account {theirs} is linked on {day}");
    if (is_closed && decide_doubts_date(r, r->joining.reopen_on))
        return decide_waits_for_certainty(r);
    return adopt(r, "relinked", "email: {email}: account {theirs} goes on under the new HR id");
}

/* A stranger has the address. Linked only if it is plain that it is this person's. */
bool decide_adopt_stranger(struct rules *r) {
    const struct account *t = r->refs->held_by;
    struct text prefix = r->policy->adopts_prefix;
    bool declared = r->refs->first_delivery && prefix.state == TEXT_SET &&
                    t->external_id.len >= prefix.len &&
                    text_equal(text_from(t->external_id.ptr, prefix.len), prefix);
    bool was_ours = t->tie == ACCOUNT_OURS && r->refs->held_by_is_nobodys;
    if (account_is_approved(r->own, ACCOUNT_APPROVAL_APART, t->remote_id) &&
        DECIDE_KEEPS(DECIDE_STRANGERS))
        return decide_waits(
            r, DECIDE_WAITS_FOR_PLATFORM, DECIDE_UNLINKED,
            "email: {email} is that of account {theirs}, which is not this person's, as a "
            "person said: once it has another address there, one is made");
    if ((t->tie != ACCOUNT_STRANGER && !was_ours) ||
        (t->status != ACCOUNT_ACTIVE && t->status != ACCOUNT_DEACTIVATED))
        return decide_waits(r, DECIDE_WAITS_FOR_PLATFORM, "email-taken",
                            "email: {email} is that of account {theirs}, which is left alone");
    if (!DECIDE_KEEPS(DECIDE_STRANGERS))
        return adopt(r, "adopted", "{email}");
    if (t->external_id.state == TEXT_SET && !declared && !was_ours)
        return decide_waits(
            r, DECIDE_WAITS_FOR_PLATFORM, "other-connector",
            "email: {email} is that of account {theirs}, which another connector looks after");
    if (!r->policy->adopts)
        return decide_waits(
            r, DECIDE_WAITS_FOR_SETTING, "email-taken",
            "email: {email} is that of account {theirs}, and none is linked by e-mail");
    if (policy_protects(r->policy, t) != NULL &&
        asks_to_adopt(r, DECIDE_ADOPT_PROTECTED,
                      "email: {email} is that of account {theirs}, which is protected"))
        return true;
    if (t->status == ACCOUNT_DEACTIVATED &&
        decide_asks(r, ACCOUNT_APPROVAL_ADOPT, t->remote_id, "adopt-deactivated",
                    "email: {email} is that of account {theirs}, which somebody has deactivated"))
        return true;
    if (account_likeness(t, r->person->user) == ACCOUNT_NAME_OTHER &&
        decide_asks(
            r, ACCOUNT_APPROVAL_ADOPT, t->remote_id, "adopt-other-name",
            "email: {email} is that of account {theirs}, under another name than {first_name} "
            "{last_name}"))
        return true;
    return adopt(r, "adopted", "email: {email}: account {theirs} is linked, by its address");
}

/* ---- linked by hand ---- whose it is we know by their word; our id is for finding it again, whatever we forget */

/* Or has that of somebody else, who cannot have an account before it is given back. */
bool decide_lacks_our_id(const struct rules *r) {
    const struct account *t = r->there;
    bool has_none = t->external_id.state != TEXT_SET &&
                    t->approved[ACCOUNT_APPROVAL_APART].state != TEXT_SET; /* that one has it */
    return t->tie == ACCOUNT_LINKED && (has_none || r->refs->shows_anothers_id) &&
           r->refs->carrier == NULL && account_is_approved(t, ACCOUNT_APPROVAL_ADOPT, t->remote_id);
}

/* With all that is sent anyway. */
bool decide_give_our_id(struct rules *r, bool reactivates) {
    r->d->links = r->there->remote_id;
    r->d->reactivates = reactivates;
    return decide_does(
        r, DECIDE_ADOPT, DECIDE_LINKED_BY_HAND,
        r->refs->shows_anothers_id
            ? "account {account} was linked by hand, and has somebody else's external id: it gets "
              "this person's"
            : "account {account} was linked by hand: it gets our id");
}
