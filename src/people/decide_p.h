/* decide_p.h - what the rules about accounts (decide.c), those about whose one is (decide_link.c), those about mails
 * (decide_invite.c), those about fields (decide_field.c), asking them (decide_ask.c) and the sentences they are told in
 * (decide_say.c) share.
 *
 * Protections: tests build the rules with -DROLLCALL_WITHOUT_DECIDE=DECIDE_... and must then find
 *         somebody harmed. Every program that is installed has all of them. */
#pragma once
#include "people/decide.h"

enum decide_protection {
    DECIDE_ALL_PROTECTIONS = 0,
    DECIDE_STRANGERS, /* accounts of strangers are left alone */
    DECIDE_CLOSING,   /* problems in the data keep no account open */
    DECIDE_TWICE,     /* nobody is invited twice */
    DECIDE_PROTECTED, /* protected accounts stay open */
    DECIDE_LEAVE,     /* who is away is not gone */
    DECIDE_CAPS,      /* what the platform cannot take plays no part */
    DECIDE_MISSING,   /* missing is not empty */
    DECIDE_REPEAT,    /* what is so already, or was refused, is not sent again */
    DECIDE_PINS,      /* what was undone stays undone */
    DECIDE_HELD,      /* what a held import says closes nobody, and keeps open who works by it */
    DECIDE_CLOCK,     /* no date counts while our clock is in doubt */
};
#ifndef ROLLCALL_WITHOUT_DECIDE
#define ROLLCALL_WITHOUT_DECIDE 0
#endif
#define DECIDE_KEEPS(protection) ((int)(protection) != ROLLCALL_WITHOUT_DECIDE)

/* Each field, what secondary teams still wait for, and fields of the platform's own. */
enum { DECIDE_FIELDS_MAX = USER_FIELDS_N + 1 + USER_CUSTOM_MAX + 1 };
/* One question, as the rules see it. */
struct rules {
    const struct decide_person *person;
    const struct account *own;   /* the person's, which may not exist */
    const struct account *there; /* the account in question: own, or one to be linked */
    const struct policy *policy;
    const struct decide_refs *refs;
    date_days today;
    bool foresees; /* asked about a day to come: HR will have been read by then */
    struct policy_closing closing, closing_undated; /* the second: were there no end date */
    struct policy_joining joining;
    struct arena *a;
    struct decision *d;
    const char *why;                 /* a template of decide_tell() */
    const struct decide_field *told; /* the one that gave the decision its code */
    /* ---- from here on only as many as the decision has ---- */
    struct decide_field fields[DECIDE_FIELDS_MAX];
    const char *fields_why[DECIDE_FIELDS_MAX];
};

/* decide.c: asks all rules, as of that day. */
void decide_answer(struct rules *r, date_days today, struct decision *ret);
/* The answers; each is true: it has been given. */
bool decide_does(struct rules *r, enum decide_verb verb, const char *code, const char *why);
bool decide_waits(struct rules *r, enum decide_wait for_what, const char *code, const char *why);
/* False when a person has approved just this: the rules go on. */
bool decide_asks(struct rules *r, enum account_approval approval, struct text what,
                 const char *code, const char *why);
/* Whether our clock is in doubt, or that day may have been moved since HR was last read. */
bool decide_doubts_date(const struct rules *r, date_days on);
bool decide_waits_for_certainty(struct rules *r);
/* The days of grace keep an account open; they open and make none. */
#define DECIDE_PAST_END "past-end"

/* decide_link.c. The first three with a twin: whether it was given this person's id, and a person has taken that back
 * since; whether it was made by us, and the answer got lost, or what was known of it here was removed since. */
bool decide_carries_anothers_id(const struct rules *r);
bool decide_is_plainly_theirs(const struct rules *r);
bool decide_is_left_apart(struct rules *r);
/* Somebody else of ours, or a stranger, has the address. */
bool decide_was_handed_over(const struct rules *r); /* of the carrier */
bool decide_relink(struct rules *r);
bool decide_adopt_stranger(struct rules *r);
/* Linked by hand, and to get this person's id, with all that is sent anyway. */
bool decide_lacks_our_id(const struct rules *r);
bool decide_give_our_id(struct rules *r, bool reactivates);

/* decide_invite.c. Nobody has the address: an account is made, or waits for its day or somebody's word. */
bool decide_create(struct rules *r);
/* An account that was made without a mail. Of no other is it known that it has had none. */
bool decide_invite(struct rules *r);
bool decide_waits_for_invitation(
    struct rules *r); /* ... which is not due, or is somebody else's to send */

/* decide_field.c. Adds each field that differs to the decision, whose verb says what for. */
void decide_compare_all(struct rules *r);
/* ... only that of the platform's own that shows the leave date. */
void decide_compare_mirror(struct rules *r);
/* The problems that keep a field as it is: bits of enum problem. */
uint64_t decide_field_problems(enum user_field f);
/* The pin of a field, or NULL. */
const struct decide_pin *decide_pin_of(const struct decide_refs *refs, enum user_field field,
                                       struct text name);
/* Whether the person's address is that of a closed account of somebody who has left: nobody gives it another. */
bool decide_is_leavers(const struct decide_refs *refs);
/* The first field that does so (and is left so by a setting, or not) gives the decision its code and
 * sentence. False: there is none. */
bool decide_tells_field(struct rules *r, enum decide_verb verb, enum decide_field_does what,
                        bool by_setting);
/* Whether the account would be made with just what the platform refused in one before, naming no field. */
bool decide_was_declined(const struct rules *r);
/* A team of ours is left for another, or after it: never while it is the only one they have. */
bool decide_leaves_team(const struct rules *r);

/* decide_say.c. Copies the fields into the arena and writes all sentences, filling the {words} of their templates:
 * each user field by its name, as HR states it, and
 *   {account} {role}         of the account in question
 *   {its_email}              the address that it shows
 *   {its_known_email}        the one that it is known by: while it had our id, when it became theirs, or sent last
 *   {apart}                  the account of which a person said that it is not theirs
 *   {theirs}                 the account that has the person's address
 *   {rule}                   what makes the person's lifecycle what it is, or leaves them out
 *   {day} {read_on} {setting}
 *   {believed}               from when an end date counts whatever HR's status is
 *   {asked}                  the address that somebody asked an invitation for, and the day
 *   {field} {from} {to}      of a field
 *   {said}                   by the platform, when it refused and named no field
 *   {run}                    that has undone the field's value, or closed or opened the account
 * A word that is none stands as it is. */
void decide_tell(struct rules *r);
#define DECIDE_HR_STATES_WHY "{field}: {from} -> {to}: HR states this value"
