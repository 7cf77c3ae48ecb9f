/* Answers to what is asked about a person's account: yes, which the next delivery goes by, and no, by which the account
 * in question is left alone. The last one counts, as long as nothing has come of the one before. */
#include <stdio.h>
#include "people/decide.h"
#include "sync/accounts_p.h"
#include "sync/policy_text.h"

const char *accounts_answer_name(enum accounts_answer a) {
    static const char *const names[ACCOUNTS_ANSWERS_N] = { [ACCOUNTS_APPROVE] = "approve",
                                                           [ACCOUNTS_LINK] = "link",
                                                           [ACCOUNTS_CREATE] = "create",
                                                           [ACCOUNTS_IGNORE] = "ignore" };
    return names[a];
}

static bool answers(enum accounts_answer answer, enum account_approval asked) {
    switch (answer) {
    case ACCOUNTS_APPROVE: return true;
    case ACCOUNTS_LINK: return asked == ACCOUNT_APPROVAL_ADOPT;
    case ACCOUNTS_CREATE:
        return asked == ACCOUNT_APPROVAL_RECREATE || asked == ACCOUNT_APPROVAL_INVITE;
    case ACCOUNTS_IGNORE: return asked != ACCOUNT_APPROVAL_INVITE;
    case ACCOUNTS_ANSWERS_N: break;
    }
    return false;
}

/* A no ends the yes that somebody has given before. */
static void take_yes_back(struct account_row *row, enum account_approval asked) {
    row->is.approved[asked] = (struct text){ 0 };
    if (asked == ACCOUNT_APPROVAL_ADOPT)
        row->is.approved[ACCOUNT_APPROVAL_PROTECTED] = (struct text){ 0 };
}

/* The account in question: the person's own, or the one that they would be given. One of somebody who is gone is not
 * touched: it is somebody else's. */
static enum rc_code ignore_asked(const struct accounts_context *x, struct account_row *row,
                                 struct arena *a, struct rc_error *err) {
    struct account_row other;
    enum rc_code rc;
    bool is_somebody_elses = text_is(row->code, DECIDE_LOST_ID);
    take_yes_back(row, row->approval);
    if (!account_exists(&row->is)) /* said again: whatever it shows */
        row->is.email_with_id = (struct text){ 0 };
    if (account_exists(&row->is) && is_somebody_elses)
        return accounts_part(x, row, a, err);
    if (row->approval != ACCOUNT_APPROVAL_ADOPT) { /* theirs may be one that was deleted */
        row->is.tie = ACCOUNT_IGNORED;
        return accounts_save(x, row, err);
    }
    if ((rc = accounts_by_remote(x, row->approves, a, &other, err)) != RC_OK)
        return rc;
    if (other.is.user_id != 0) {
        row->is.approved[ACCOUNT_APPROVAL_APART] = row->approves;
        return accounts_save(x, row, err);
    }
    other.is.tie = ACCOUNT_IGNORED;
    if ((rc = accounts_save(x, &other, err)) != RC_OK)
        return rc;
    return accounts_save(x, row, err);
}

/* A yes ends the no that somebody has given before, or that the account is left alone. */
static enum rc_code take_no_back(const struct accounts_context *x, struct account_row *row,
                                 struct arena *a, struct rc_error *err) {
    struct account_row other;
    struct text *apart = &row->is.approved[ACCOUNT_APPROVAL_APART];
    if (row->approval == ACCOUNT_APPROVAL_INVITE)
        return RC_OK;
    if (row->is.tie == ACCOUNT_IGNORED && account_exists(&row->is))
        row->is.tie = ACCOUNT_LINKED;
    if (row->approval != ACCOUNT_APPROVAL_ADOPT)
        return RC_OK;
    if (text_equal(*apart, row->approves))
        *apart = (struct text){ 0 };
    enum rc_code rc = account_by_remote(x->st, x->company->company_id, x->platform->destination_id,
                                        row->approves, a, &other, err);
    if (rc != RC_OK || other.is.tie != ACCOUNT_IGNORED)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    other.is.tie = accounts_tie_of(x, &other.is);
    return accounts_save(x, &other, err);
}

static bool is_still_asked(const struct accounts_question *q, const struct account_row *row) {
    return q->asks == row->approval &&
           (q->asks_for.state == TEXT_SET ? text_equal(q->asks_for, row->approves)
                                          : row->approves.state != TEXT_SET);
}

/* Whoever says yes to taking over an account that is protected now says so of a protected one: unless the question
 * was another one, from before it was. */
static enum rc_code note_protected(const struct accounts_context *x, struct account_row *row,
                                   bool tells_of_it, struct text remote_id, struct arena *a,
                                   struct rc_error *err) {
    struct account_row there;
    struct policy policy;
    if (text_is(row->code, DECIDE_ADOPT_PROTECTED)) {
        row->is.approved[ACCOUNT_APPROVAL_PROTECTED] = remote_id;
        return RC_OK;
    }
    if (!tells_of_it)
        return RC_OK;
    enum rc_code rc = accounts_by_remote(x, remote_id, a, &there, err);
    if (rc == RC_OK && (rc = policy_text_read(x->platform->policy, a, &policy, err)) == RC_OK &&
        policy_protects(&policy, &there.is) != NULL)
        row->is.approved[ACCOUNT_APPROVAL_PROTECTED] = remote_id;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* Yes to taking over an account gives it to somebody: whoever meant somebody else is told how that is said. */
static enum rc_code refuse_answer(const struct account_row *row, struct rc_error *err) {
    if (row->approval == ACCOUNT_APPROVAL_ADOPT)
        return rc_fail_as(err, RC_INVALID, "account.answer",
                          "what is asked is whose account %.*s is: \"link\" says that it is this "
                          "person's, \"ignore\" that it is somebody else's",
                          TEXT_ARG(row->approves));
    return rc_fail_as(err, RC_INVALID, "account.answer",
                      "that is not what is asked (%s); \"approve\" says yes to it%s",
                      account_approval_name(row->approval),
                      answers(ACCOUNTS_IGNORE, row->approval) ? ", \"ignore\" no" : "");
}

/* A yes that nothing has come of yet, though a delivery has gone by since: it waits for a day, or for somebody else.
 * Asked like this, a no takes it back. */
static void ask_what_was_answered(struct account_row *row) {
    const struct account *is = &row->is;
    enum account_approval p = !account_exists(is)                 ? ACCOUNT_APPROVAL_ADOPT
                              : is->status == ACCOUNT_DELETED     ? ACCOUNT_APPROVAL_RECREATE
                              : is->status == ACCOUNT_DEACTIVATED ? ACCOUNT_APPROVAL_REOPEN
                                                                  : ACCOUNT_APPROVAL_NONE;
    if (row->approval != ACCOUNT_APPROVAL_NONE || is->approved[p].state != TEXT_SET)
        return;
    row->approval = p;
    row->approves = is->approved[p];
}

static enum rc_code resolve(const struct accounts_context *x, int64_t user_id,
                            enum accounts_answer answer, const struct accounts_question *asked,
                            struct arena *a, struct rc_error *err) {
    struct account_row row;
    enum rc_code rc = accounts_of_person(x, user_id, a, &row, err);
    if (rc != RC_OK)
        return rc;
    if (asked != NULL && !is_still_asked(asked, &row))
        return rc_fail_as(err, RC_CONFLICT, "account.changed",
                          "this person's account asks something else by now, or nothing: look at "
                          "it again, and answer that");
    if (answer == ACCOUNTS_IGNORE)
        ask_what_was_answered(&row);
    struct text *apart = &row.is.approved[ACCOUNT_APPROVAL_APART];
    bool unlinked;
    if ((rc = accounts_is_unlinked(x, *apart, a, &unlinked, err)) != RC_OK)
        return rc;
    if (row.approval == ACCOUNT_APPROVAL_NONE && apart->state == TEXT_SET && !unlinked &&
        !account_exists(&row.is) && answers(answer, ACCOUNT_APPROVAL_ADOPT) &&
        answer != ACCOUNTS_IGNORE) { /* the same person after all */
        row.is.approved[ACCOUNT_APPROVAL_ADOPT] = *apart;
        *apart = (struct text){ 0 };
        rc = note_protected(x, &row, true, row.is.approved[ACCOUNT_APPROVAL_ADOPT], a, err);
        return rc != RC_OK ? rc : accounts_save(x, &row, err);
    }
    if (row.approval == ACCOUNT_APPROVAL_NONE)
        return rc_fail_as(err, RC_INVALID, "account.answer",
                          "nothing is asked about this person's account; `rollcall conflict list` "
                          "shows what is");
    if (!answers(answer, row.approval))
        return refuse_answer(&row, err);
    if (answer == ACCOUNTS_IGNORE)
        return ignore_asked(x, &row, a, err);
    if ((rc = take_no_back(x, &row, a, err)) != RC_OK)
        return rc;
    row.is.approved[row.approval] = row.approves;
    if (text_is(row.code, DECIDE_LOST_ID)) /* with what it shows now */
        row.is.email_with_id = account_shows(&row.is.fields[USER_EMAIL]);
    if (row.approval == ACCOUNT_APPROVAL_ADOPT)
        rc =
            note_protected(x, &row, text_is(row.code, DECIDE_RELINK_OFFERED), row.approves, a, err);
    return rc != RC_OK ? rc : accounts_save(x, &row, err);
}

enum rc_code accounts_resolve(const struct accounts_context *x, int64_t user_id,
                              enum accounts_answer answer, const struct accounts_question *asked,
                              struct rc_error *err) {
    struct lease l;
    struct arena a;
    char what[120];
    enum rc_code rc = accounts_begin(x, &l, err);
    if (rc != RC_OK)
        return rc;
    snprintf(what, sizeof what, "destination %.*s: person #%lld: %s", TEXT_ARG(x->platform->key),
             (long long)user_id, accounts_answer_name(answer));
    arena_init(&a);
    rc = accounts_end(x, &l, resolve(x, user_id, answer, asked, &a, err), what, err);
    arena_done(&a);
    return rc;
}
