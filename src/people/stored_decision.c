/* Decisions as rows hold them, and whether two of them are the same. */
#include <string.h>
#include "people/stored_account.h"
#include "people/stored_p.h"

static const char decision_where[] = "stored decision";

static const char *verb_name(int i) {
    return decide_verb_name((enum decide_verb)i);
}
static const char *stage_name(int i) {
    return i == 0 ? NULL : lifecycle_name((enum lifecycle)i);
}

void stored_decision_write(const struct decision *d, struct buf *ret) {
    struct json_writer w;
    json_begin(&w, ret);
    json_object(&w, NULL);
    stored_put_name(&w, "verb", verb_name, (int)d->verb);
    json_put_text(&w, "code", text_of(d->code));
    json_put_text(&w, "sentence", d->sentence);
    stored_put_true(&w, "mails", d->mails);
    stored_put_name(&w, "mail", stored_mail, (int)d->mail);
    stored_put_true(&w, "reactivates", d->reactivates);
    json_put_text(&w, "links", d->links);
    json_put_text(&w, "leaves_team", d->leaves_team);
    if (d->fields_n > 0) {
        json_array(&w, "fields");
        for (size_t i = 0; i < d->fields_n; i++)
            stored_field_write(&w, &d->fields[i]);
        json_array_end(&w);
    }
    stored_put_name(&w, "waits", stored_wait, (int)d->waits);
    stored_put_day(&w, "due_on", d->due_on);
    stored_put_name(&w, "due_verb", verb_name, (int)d->due_verb);
    json_put_text(&w, "due_code", text_of(d->due_code));
    json_put_text(&w, "remedy", d->remedy);
    stored_put_name(&w, "approval", stored_approval, (int)d->approval);
    json_put_text(&w, "approves", d->approves);
    stored_put_name(&w, "left_as", stored_status, (int)d->left_as);
    stored_put_name(&w, "sticky", stored_sticky, (int)d->sticky);
    stored_put_name(&w, "lifecycle", stage_name, (int)d->lifecycle);
    json_put_text(&w, "lifecycle_rule", text_of(d->lifecycle_rule));
    json_object_end(&w);
}

static enum rc_code read_decided_fields(const struct stored_source *s, json list,
                                        struct decision *ret) {
    json key, one;
    enum rc_code rc = stored_container(s, "fields", list, JSON_ARRAY);
    if (rc != RC_OK)
        return rc;
    ret->fields = ARENA_NEW(s->a, struct decide_field, json_size(list) + 1);
    for (struct json_iter it = json_iter(list); json_next(&it, &key, &one); ret->fields_n++)
        if ((rc = stored_field_read(s, one, &ret->fields[ret->fields_n])) != RC_OK)
            return rc;
    return RC_OK;
}

/* The members of a decision, in the order in which they are written. */
enum {
    VERB,
    CODE,
    SENTENCE,
    MAILS,
    MAIL,
    REACTIVATES,
    LINKS,
    LEAVES_TEAM,
    FIELDS,
    WAITS,
    DUE_ON,
    DUE_VERB,
    DUE_CODE,
    REMEDY,
    APPROVAL,
    APPROVES,
    LEFT_AS,
    STICKY,
    LIFECYCLE,
    LIFECYCLE_RULE,
    DECISION_N
};
static const char *const decision_keys[DECISION_N] = {
    "verb",        "code",     "sentence", "mails",  "mail",      "reactivates",   "links",
    "leaves_team", "fields",   "waits",    "due_on", "due_verb",  "due_code",      "remedy",
    "approval",    "approves", "left_as",  "sticky", "lifecycle", "lifecycle_rule"
};
#define AT(member) decision_keys[member], of[member]

/* What the decision does: verb and everything that is sent. */
static enum rc_code read_act(const struct stored_source *s, const json *of, struct decision *ret) {
    int verb = 0, mail = 0, left_as = 0, sticky = 0;
    enum rc_code rc;
    if ((rc = stored_name(s, AT(VERB), verb_name, DECIDE_VERBS_N, &verb)) != RC_OK ||
        (rc = stored_bool(s, AT(MAILS), &ret->mails)) != RC_OK ||
        (rc = stored_name(s, AT(MAIL), stored_mail, ACCOUNT_MAILS_N, &mail)) != RC_OK ||
        (rc = stored_bool(s, AT(REACTIVATES), &ret->reactivates)) != RC_OK ||
        (rc = stored_text(s, AT(LINKS), &ret->links)) != RC_OK ||
        (rc = stored_text(s, AT(LEAVES_TEAM), &ret->leaves_team)) != RC_OK ||
        (rc = read_decided_fields(s, of[FIELDS], ret)) != RC_OK ||
        (rc = stored_name(s, AT(LEFT_AS), stored_status, ACCOUNT_STATUSES_N, &left_as)) != RC_OK ||
        (rc = stored_name(s, AT(STICKY), stored_sticky, ACCOUNT_STICKIES_N, &sticky)) != RC_OK)
        return rc;
    ret->verb = (enum decide_verb)verb;
    ret->mail = (enum account_mail)mail;
    ret->left_as = (enum account_status)left_as;
    ret->sticky = (enum account_sticky)sticky;
    return RC_OK;
}

/* Why, and what it waits for. */
static enum rc_code read_reason(const struct stored_source *s, const json *of,
                                struct decision *ret) {
    int waits = 0, due_verb = 0, approval = 0, stage = 0;
    enum rc_code rc;
    if ((rc = stored_word(s, AT(CODE), &ret->code)) != RC_OK ||
        (rc = stored_text(s, AT(SENTENCE), &ret->sentence)) != RC_OK ||
        (rc = stored_name(s, AT(WAITS), stored_wait, DECIDE_WAITS_N, &waits)) != RC_OK ||
        (rc = stored_day(s, AT(DUE_ON), &ret->due_on)) != RC_OK ||
        (rc = stored_name(s, AT(DUE_VERB), verb_name, DECIDE_VERBS_N, &due_verb)) != RC_OK ||
        (rc = stored_word(s, AT(DUE_CODE), &ret->due_code)) != RC_OK ||
        (rc = stored_text(s, AT(REMEDY), &ret->remedy)) != RC_OK ||
        (rc = stored_name(s, AT(APPROVAL), stored_approval, ACCOUNT_APPROVALS_N, &approval)) !=
            RC_OK ||
        (rc = stored_text(s, AT(APPROVES), &ret->approves)) != RC_OK ||
        (rc = stored_name(s, AT(LIFECYCLE), stage_name, LIFECYCLES_N, &stage)) != RC_OK ||
        (rc = stored_word(s, AT(LIFECYCLE_RULE), &ret->lifecycle_rule)) != RC_OK)
        return rc;
    ret->waits = (enum decide_wait)waits;
    ret->due_verb = (enum decide_verb)due_verb;
    ret->approval = (enum account_approval)approval;
    ret->lifecycle = (enum lifecycle)stage;
    return RC_OK;
}
#undef AT

enum rc_code stored_decision_read(json v, struct arena *a, struct decision *ret,
                                  struct rc_error *err) {
    struct stored_source s = { decision_where, a, err };
    struct decision read = { 0 };
    json of[DECISION_N];
    enum rc_code rc;
    if (json_type(v) != JSON_OBJECT)
        return rc_fail(err, RC_FATAL, "%s: no object", decision_where);
    stored_members(v, decision_keys, DECISION_N, of);
    if ((rc = read_act(&s, of, &read)) != RC_OK || (rc = read_reason(&s, of, &read)) != RC_OK)
        return rc;
    *ret = read;
    return RC_OK;
}

/* ---- comparing ---- */

static bool acts(const struct decide_field *f) {
    return f->does != DECIDE_FIELD_STAYS;
}

static bool acts_on(const struct decision *d, const struct decide_field *f) {
    for (size_t i = 0; i < d->fields_n; i++) {
        const struct decide_field *g = &d->fields[i];
        if (g->does == f->does && g->field == f->field && text_equal(g->to, f->to) &&
            (f->field < USER_FIELDS_N || text_equal(g->name, f->name)))
            return true;
    }
    return false;
}

static bool acts_on_all(const struct decision *d, const struct decision *of) {
    for (size_t i = 0; i < of->fields_n; i++)
        if (acts(&of->fields[i]) && !acts_on(d, &of->fields[i]))
            return false;
    return true;
}

bool decision_is_same(const struct decision *a, const struct decision *b) {
    return a->verb == b->verb && a->mails == b->mails && a->reactivates == b->reactivates &&
           text_equal(a->links, b->links) && text_equal(a->leaves_team, b->leaves_team) &&
           acts_on_all(a, b) && acts_on_all(b, a);
}
