/* The rules about mails: whom an account is made for, with an invitation or without, and who is invited later. */
#include "people/decide_p.h"

/* ---- somebody's word ---- */

/* Somebody has asked for an invitation, for today or for a day to come. */
static bool invitation_asked(const struct rules *r) {
    return account_is_approved(r->own, ACCOUNT_APPROVAL_INVITE,
                               r->person->user->fields[USER_EMAIL]);
}

/* A word is for the address that HR stated when it was given. For another one it is none: that is told, and it does
 * not follow the person by itself. */
static bool asks_to_invite(struct rules *r, const char *why, const char *lapsed_why) {
    struct text email = r->person->user->fields[USER_EMAIL];
    if (r->own->approved[ACCOUNT_APPROVAL_INVITE].state != TEXT_SET || invitation_asked(r))
        return decide_asks(r, ACCOUNT_APPROVAL_INVITE, email, "invited-by-hand", why);
    return decide_asks(r, ACCOUNT_APPROVAL_INVITE, email, DECIDE_INVITATION_LAPSED, lapsed_why);
}

/* Its day has come, by a clock of which nobody knows whether it is right. */
static bool asked_day_in_doubt(const struct rules *r) {
    return r->own->invite_on != 0 && r->refs->clock_in_doubt && DECIDE_KEEPS(DECIDE_CLOCK) &&
           !r->foresees;
}

static bool waits_for_asked_day(struct rules *r) {
    return invitation_asked(r) && r->own->invite_on > r->today &&
           decide_waits(r, DECIDE_WAITS_FOR_DAY, "invitation-asked",
                        "somebody asked for an invitation to {email} on {day}");
}

/* ---- making ---- */

bool decide_create(struct rules *r) {
    const struct policy *p = r->policy;
    const struct policy_joining *j = &r->joining;
    bool asked = invitation_asked(r) && r->own->invite_on <= r->today;
    bool mails = asked || (j->mail_on != DATE_NONE && j->mail_on <= r->today);
    if (lifecycle_rule_is_past_end(r->d->lifecycle_rule) && !asked)
        return decide_waits(r, DECIDE_WAITS_FOR_HR, DECIDE_PAST_END,
                            "{rule}; nobody has {email}, and no account is made for these days");
    if (!mails && p->invite == POLICY_INVITE_BY_HAND &&
        (j->account_on == DATE_NONE || !p->caps.creates_silently || !p->caps.invites) &&
        waits_for_asked_day(r)) /* also where accounts are made without a mail by now */
        return true;
    if (!mails && p->invite == POLICY_INVITE_BY_HAND &&
        (j->account_on == DATE_NONE || !p->caps.creates_silently))
        return asks_to_invite(
            r, "invite by-hand: the account is made once somebody invites {email}",
            "somebody asked for an invitation to {asked}, and HR states another address now, {email}: "
            "no account is made, and no mail goes, until somebody asks for one to that");
    if (!mails && j->account_on == DATE_NONE)
        return decide_waits(r, DECIDE_WAITS_FOR_HR, "no-hire-date",
                            "{rule}: the account is made by the hire date, and HR states none");
    if (!mails && (j->account_on > r->today || !p->caps.creates_silently))
        return decide_waits(r, DECIDE_WAITS_FOR_DAY, "before-hire-date",
                            "hire_date {hire_date}: the account is made on {day}");
    if (p->invite == POLICY_INVITE_ON_HIRE_DATE && !asked && decide_doubts_date(r, j->account_on))
        return decide_waits_for_certainty(r);
    if (p->invite != POLICY_INVITE_AT_ONCE && asked && asked_day_in_doubt(r))
        return decide_waits_for_certainty(r);
    decide_does(r, DECIDE_CREATE, NULL, NULL);
    decide_compare_all(r);
    if (decide_was_declined(r)) {
        r->d->fields_n = 0;
        return decide_waits(
            r, DECIDE_WAITS_FOR_HR, DECIDE_DECLINED,
            "the platform refused to make an account of what HR states, and named no "
            "field: {said}");
    }
    r->d->mails = mails;
    r->d->left_as = ACCOUNT_ACTIVE;
    r->d->mail = mails                                ? ACCOUNT_MAIL_SENT
                 : p->invite == POLICY_INVITE_BY_HAND ? ACCOUNT_MAIL_BY_HAND
                                                      : ACCOUNT_MAIL_PROMISED;
    return mails ? decide_does(r, DECIDE_CREATE, "joins",
                               "{rule}; nobody has {email}: an account is made, with an invitation")
                 : decide_does(r, DECIDE_CREATE, "joins-silently",
                               "{rule}; nobody has {email}: an account is made, without a mail");
}

/* ---- who has an account ---- */

/* The day of a mail that was promised. By another setting than that which promised it, nobody who has an
 * account gets one unasked. */
static date_days promised_on(const struct rules *r) {
    bool holds =
        r->there->mail == ACCOUNT_MAIL_PROMISED && r->policy->invite == POLICY_INVITE_ON_HIRE_DATE;
    return holds ? r->joining.mail_on : DATE_NONE;
}

/* A mail goes to the address that the account shows, or is to get with it: to none that HR does not state. */
static bool mails_whom_hr_states(const struct rules *r) {
    for (size_t i = 0; i < r->d->fields_n; i++)
        if (r->fields[i].field == USER_EMAIL && r->fields[i].does == DECIDE_FIELD_SENDS)
            return r->fields[i].to.state == TEXT_SET;
    struct text shows = account_shows(&r->there->fields[USER_EMAIL]);
    return shows.state == TEXT_SET && text_equal(shows, r->person->user->fields[USER_EMAIL]);
}

bool decide_invite(struct rules *r) {
    enum account_mail mail = r->there->mail;
    date_days on = promised_on(r);
    bool asked = invitation_asked(r) && r->own->invite_on <= r->today;
    bool due = on != DATE_NONE && on <= r->today;
    if (mail != ACCOUNT_MAIL_PROMISED && mail != ACCOUNT_MAIL_BY_HAND && DECIDE_KEEPS(DECIDE_TWICE))
        return false;
    if (!r->policy->caps.invites || !(asked || due || !DECIDE_KEEPS(DECIDE_TWICE)) ||
        !mails_whom_hr_states(r))
        return false;
    if (asked ? asked_day_in_doubt(r) : decide_doubts_date(r, on))
        return decide_sends(r->d) == 0 && decide_waits_for_certainty(r);
    return decide_does(r, DECIDE_INVITE, "invited",
                       asked ? "account {account}: somebody asked for an invitation to {email}"
                             : "hire_date {hire_date}: account {account} is invited");
}

bool decide_waits_for_invitation(struct rules *r) {
    const struct account *t = r->there;
    date_days on = promised_on(r);
    if (on != DATE_NONE && on > r->today)
        return decide_waits(
            r, DECIDE_WAITS_FOR_DAY, "invitation-later",
            r->policy->caps.invites
                ? "hire_date {hire_date}: account {account} is to be invited on {day}"
                : "hire_date {hire_date}: account {account} is to be invited on {day}, by "
                  "somebody on the platform: it takes no call for that");
    if (t->mail != ACCOUNT_MAIL_BY_HAND && t->mail != ACCOUNT_MAIL_PROMISED)
        return false;
    if (r->policy->caps.invites && !mails_whom_hr_states(r))
        return decide_waits(r, DECIDE_WAITS_FOR_SETTING, DECIDE_INVITATION_WITHHELD,
                            "account {account} shows {its_email}, and HR states {email}: no mail "
                            "goes to an address that HR does not state");
    if (r->policy->caps.invites && waits_for_asked_day(r))
        return true;
    if (r->policy->caps.invites)
        return asks_to_invite(
            r, "account {account} has no invitation: somebody gives the word",
            "account {account}: somebody asked for an invitation to {asked}, and HR states another "
            "address now, {email}: no mail goes until somebody asks for one to that");
    return decide_waits(
        r, DECIDE_WAITS_FOR_PLATFORM, "invited-by-hand",
        r->own->approved[ACCOUNT_APPROVAL_INVITE].state == TEXT_SET
            ? "account {account} has no invitation, and somebody asked for one to {asked}: "
              "somebody sends it on the platform"
            : "account {account} has no invitation: somebody sends it on the platform");
}
