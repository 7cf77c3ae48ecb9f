/* Accounts made and changed. What is sent is what differs, and always address and names: nobody says
 * whether a change without them is taken. Those that do not change are sent as they stand on the
 * platform now, read just before: a name that somebody mended by hand a minute ago stays mended, and
 * an address keeps its letters.
 *
 * A value that is refused is left out, and the rest sent again; a refusal means that nothing was
 * done, so that may be repeated even where a lost answer may not. The 404 for a field of its own
 * that Learn Amp does not have is the same as that for a user that it does not have, so a change
 * with such fields that gets it is tried once without them. */
#include "destination/learnamp_p.h"

#include <stdio.h>
#include <string.h>

struct writing {
    struct learnamp_lane *l;
    const struct destination_change *c;
    struct arena *a;
    struct destination_outcome *ret;
    bool *out;                    /* beside the change's fields: refused, and left out */
    bool creates, without_custom; /* custom fields were taken for the cause of a 404 */
    bool was_shown;               /* just now, by the account's number */
    int64_t id;                   /* whom; 0 with create */
    unsigned caps;
    struct text email, first_name, last_name; /* as they are sent */
    struct buf said;
};

/* ---- what is sent ---- */

static bool sends(const struct writing *w, size_t i) {
    return w->c->fields[i].does == DECIDE_FIELD_SENDS && !w->out[i];
}

static void say(struct writing *w, struct text what) {
    if (w->said.len > 0)
        buf_str(&w->said, "; ");
    buf_append(&w->said, what.ptr, what.len);
}

static void leave_out(struct writing *w, size_t i) {
    w->out[i] = true;
    w->ret->refused |= destination_bit(i);
}

/* The value that the change sends for a field; missing: it does not. */
static struct text sent_of(const struct writing *w, enum user_field f) {
    for (size_t i = 0; i < w->c->fields_n; i++)
        if (w->c->fields[i].field == f && sends(w, i))
            return w->c->fields[i].to;
    return text_of(NULL);
}

static bool is_required(enum user_field f) {
    return f == USER_EMAIL || f == USER_FIRST_NAME || f == USER_LAST_NAME;
}

/* What can be refused without asking. NULL: it can be sent. */
static const char *unsendable(const struct writing *w, const struct decide_field *f) {
    int64_t id;
    switch (f->field) {
    case USER_FIRST_NAME:
    case USER_LAST_NAME:
    case USER_EMAIL:
        return f->to.state == TEXT_SET ? NULL : "no account can be without address and names";
    case USER_PRIMARY_TEAM:
    case USER_MANAGER:
        return f->to.state != TEXT_SET || learnamp_id_parse(f->to, &id)
                   ? NULL
                   : "this is no id of Learn Amp's";
    case USER_LANGUAGE:
        return f->to.state != TEXT_SET || learnamp_language(f->to).state == TEXT_SET
                   ? NULL
                   : "Learn Amp has no such language";
    case USER_AVATAR:
        return (w->caps & LEARNAMP_AVATAR) != 0 ? NULL : "this Learn Amp takes no pictures";
    case USER_LEAVE_DATE:
        return (w->caps & LEARNAMP_LEAVE_DATE) != 0 ? NULL : "this Learn Amp takes no leave date";
    case USER_STATUS:
    case USER_EXCLUDED: return "this is nothing to be shown";
    default: return NULL;
    }
}

static void leave_out_unsendable(struct writing *w) {
    for (size_t i = 0; i < w->c->fields_n; i++) {
        const char *why = sends(w, i) ? unsendable(w, &w->c->fields[i]) : NULL;
        if (why == NULL)
            continue;
        leave_out(w, i);
        say(w, text_of(arena_printf(w->a, "%.*s: %s", TEXT_ARG(w->c->fields[i].name), why)));
    }
}

static void put_field(const struct decide_field *f, struct json_writer *j) {
    const char *param = learnamp_param(f->field);
    int64_t id;
    if (f->field == USER_PRIMARY_TEAM || f->field == USER_MANAGER) {
        if (learnamp_id_parse(f->to, &id))
            json_put_int(j, param, id);
        else
            json_put_null(j, param);
    } else if (f->field == USER_LANGUAGE) {
        json_put_text(j, param, f->to.state == TEXT_SET ? learnamp_language(f->to) : TEXT_NONE);
    } else if (param != NULL) {
        json_put_text(j, param, f->to.state == TEXT_SET ? f->to : TEXT_NONE);
    }
}

static bool put_customs(const struct writing *w, struct json_writer *j) {
    bool any = false;
    for (size_t i = 0; i < w->c->fields_n; i++) {
        const struct decide_field *f = &w->c->fields[i];
        if (f->field != USER_FIELDS_N || !sends(w, i))
            continue;
        if (!any)
            json_array(j, "customFields");
        any = true;
        json_object(j, NULL);
        json_put_text(j, "name", f->name);
        json_put_text(j, "value", f->to.state == TEXT_SET ? f->to : TEXT_NONE);
        json_object_end(j);
    }
    if (any)
        json_array_end(j);
    return any;
}

/* False: there is nothing to be sent but what stands there already. */
static bool build(struct writing *w, bool *ret_customs) {
    struct json_writer j;
    bool any = w->creates || w->c->external_id.state != TEXT_MISSING;
    buf_clear(&w->l->send);
    json_begin(&j, &w->l->send);
    json_object(&j, NULL);
    json_put_text(&j, "email", w->email);
    json_put_text(&j, "firstName", w->first_name);
    json_put_text(&j, "lastName", w->last_name);
    if (w->c->external_id.state != TEXT_MISSING)
        json_put_text(&j, "integrationExternalId", w->c->external_id);
    if (w->creates)
        json_put_bool(&j, "skipInvitation", !w->c->mails);
    for (size_t i = 0; i < w->c->fields_n; i++) {
        const struct decide_field *f = &w->c->fields[i];
        if (!sends(w, i) || f->field == USER_SECONDARY_TEAMS)
            continue;
        any = true;
        if (f->field != USER_FIELDS_N && !is_required(f->field))
            put_field(f, &j);
    }
    *ret_customs = put_customs(w, &j);
    json_object_end(&j);
    return any;
}

/* ---- one account, before it is changed ---- */

static struct text stands(const struct account *now, enum user_field f) {
    return account_shows(&now->fields[f]);
}

/* Address and names: those of the change, and for the rest what stands there. Somebody deactivated
 * may be hidden there: then as last known. Looked at also when all three change: whoever has been
 * anonymised since is never filled again, and whoever is another by now is not tied. */
static enum rc_code complete(struct writing *w, struct rc_error *err) {
    const struct account *now = w->c->now;
    struct account shown;
    json user = NULL;
    w->email = sent_of(w, USER_EMAIL);
    w->first_name = sent_of(w, USER_FIRST_NAME);
    w->last_name = sent_of(w, USER_LAST_NAME);
    if (w->creates)
        return RC_OK;
    enum rc_code rc = learnamp_get(w->l, w->id, w->a, &user, &shown, err);
    const char *other = rc == RC_OK ? destination_is_other(w->c, &shown) : NULL;
    if (other != NULL) {
        w->ret->shows = shown;
        return rc_fail_as(err, RC_CONFLICT, "destination.changed", "user %lld %s", (long long)w->id,
                          other);
    }
    bool hidden = rc == RC_NOT_FOUND && now->status != ACCOUNT_ACTIVE;
    w->was_shown = rc == RC_OK;
    if (rc != RC_OK && !hidden)
        return rc;
    if (w->email.state != TEXT_SET)
        w->email = hidden ? stands(now, USER_EMAIL) : text_copy(w->a, learnamp_raw(user, "email"));
    if (w->first_name.state != TEXT_SET)
        w->first_name = hidden ? stands(now, USER_FIRST_NAME)
                               : text_copy(w->a, learnamp_raw(user, "firstName"));
    if (w->last_name.state != TEXT_SET)
        w->last_name =
            hidden ? stands(now, USER_LAST_NAME) : text_copy(w->a, learnamp_raw(user, "lastName"));
    return hidden && w->email.state != TEXT_SET ? rc : RC_OK;
}

/* ---- what came of it ---- */

static enum rc_code refused(struct writing *w, const char *what, struct text said,
                            struct rc_error *err) {
    w->ret->said = text_copy(w->a, text_from(w->said.ptr != NULL ? w->said.ptr : "", w->said.len));
    return rc_fail_as(err, RC_INVALID, "destination.refused", "%s: %.*s", what, TEXT_ARG(said));
}

/* 404 with fields of its own: perhaps one of them is what Learn Amp does not know. */
static void leave_out_customs(struct writing *w) {
    w->without_custom = true;
    for (size_t i = 0; i < w->c->fields_n; i++)
        if (w->c->fields[i].field == USER_FIELDS_N && sends(w, i))
            leave_out(w, i);
    say(w, TEXT_LIT("Learn Amp does not know one of these fields of its own: an administrator has "
                    "to make it there first"));
}

/* What is refused is left out. RC_OK: send again without it. */
static enum rc_code reconsider(struct writing *w, const struct learnamp_answer *answer,
                               const char *what, struct rc_error *err) {
    struct learnamp_refusal r;
    struct text said = learnamp_said(answer, w->a);
    bool required = false;
    learnamp_refusal_read(answer, w->c, w->a, &r);
    if (r.email_taken || r.external_id_taken)
        return rc_fail_as(err, RC_CONFLICT, "destination.taken",
                          "%s: an account has this %s already", what,
                          r.email_taken ? "address" : "external id");
    say(w, said);
    size_t newly = 0;
    for (size_t i = 0; i < w->c->fields_n; i++) {
        if (!r.fields[i] || w->out[i])
            continue;
        leave_out(w, i);
        newly++;
        required = required || (w->creates && is_required(w->c->fields[i].field));
    }
    return newly == 0 || required ? refused(w, what, said, err) : RC_OK;
}

/* Sends until it is taken. */
static enum rc_code send(struct writing *w, const struct learnamp_call *call,
                         struct learnamp_answer *answer, struct rc_error *err) {
    for (;;) {
        bool customs = false;
        enum rc_code rc = complete(w, err);
        if (rc != RC_OK)
            return rc;
        if (!build(w, &customs)) {
            answer->status = 0;
            return RC_OK;
        }
        if (w->l->send.full)
            return refused(w, call->what, TEXT_LIT("the values are too long to be sent"), err);
        rc = learnamp_call(w->l, call, answer, err);
        if (rc != RC_OK || learnamp_is_good(answer))
            return rc;
        bool unknown = answer->status == 404 || answer->status == 410;
        if (unknown && customs && !w->without_custom) {
            leave_out_customs(w);
            continue;
        }
        if (unknown && w->creates)
            return rc_fail_as(err, RC_INVALID, "destination.answer",
                              "%s: answered %d: is base-url right?", call->what, answer->status);
        if (unknown && w->was_shown)
            return rc_fail_as(err, RC_UNSURE, "destination.not-done",
                              "%s: Learn Amp does not know it, and has just shown it", call->what);
        if (unknown)
            return rc_fail_as(err, RC_NOT_FOUND, "destination.unknown",
                              "%s: Learn Amp does not know it", call->what);
        rc = reconsider(w, answer, call->what, err);
        if (rc != RC_OK)
            return rc;
    }
}

/* An emptied field that still shows something was not emptied, whatever the status says. */
static void find_kept(struct writing *w) {
    for (size_t i = 0; i < w->c->fields_n; i++) {
        const struct decide_field *f = &w->c->fields[i];
        if (!sends(w, i) || f->field == USER_FIELDS_N || f->field == USER_SECONDARY_TEAMS ||
            f->to.state == TEXT_SET || w->ret->shows.fields[f->field].known.state != TEXT_SET)
            continue;
        leave_out(w, i);
        say(w, text_of(arena_printf(w->a, "%.*s: Learn Amp took the call and keeps its value",
                                    TEXT_ARG(f->name))));
    }
}

/* By the external id, which no other account has; by the address where none is shown. */
static bool shows_us(const struct writing *w) {
    const struct account *shown = &w->ret->shows;
    if (shown->external_id.state == TEXT_SET && w->c->external_id.state == TEXT_SET)
        return text_equal(shown->external_id, w->c->external_id);
    return text_equal(shown->fields[USER_EMAIL].known, text_fold_ascii(w->a, w->email));
}

/* An answer that is about somebody else, as when two are swapped on the way, says nothing about what
 * was sent. */
static enum rc_code read_answer(struct writing *w, const struct learnamp_answer *answer,
                                const char *what, struct rc_error *err) {
    learnamp_read_user(answer->root, w->caps, w->a, &w->ret->shows);
    int64_t id = learnamp_id(answer->root);
    if (id == 0 || (w->id != 0 && id != w->id))
        return rc_fail_as(err, RC_UNSURE, "destination.answer",
                          "%s: answered %d, with user %lld: nobody can say what was done", what,
                          answer->status, (long long)id);
    if (w->creates && !shows_us(w))
        return rc_fail_as(err, RC_UNSURE, "destination.answer",
                          "%s: answered %d, with user %lld, who is somebody else: nobody can say "
                          "what was done",
                          what, answer->status, (long long)id);
    w->id = id;
    return RC_OK;
}

/* Secondary teams, by joining and leaving. */
static enum rc_code move_teams(struct writing *w, struct rc_error *err) {
    for (size_t i = 0; i < w->c->fields_n; i++) {
        const struct decide_field *f = &w->c->fields[i];
        struct text said = TEXT_NONE;
        bool some_refused = false;
        if (f->field != USER_SECONDARY_TEAMS || !sends(w, i))
            continue;
        enum rc_code rc = learnamp_teams_move(w->l, w->id, f->from, f->to, w->a, &w->ret->shows,
                                              &some_refused, &said, err);
        if (rc != RC_OK)
            return rc;
        if (some_refused) {
            leave_out(w, i);
            say(w, said);
        }
    }
    return RC_OK;
}

static bool anything_went_through(const struct writing *w) {
    if (w->c->external_id.state != TEXT_MISSING || w->creates)
        return true;
    for (size_t i = 0; i < w->c->fields_n; i++)
        if (sends(w, i))
            return true;
    return w->ret->refused == 0;
}

/* ---- create and update ---- */

static void begin(struct writing *w, struct arena *a, struct destination_outcome *ret) {
    w->a = a;
    w->ret = ret;
    w->out = ARENA_NEW(a, bool, w->c->fields_n + 1);
    *ret = (struct destination_outcome){ .said = TEXT_NONE };
    buf_init(&w->said, 1000);
}

/* Extras are asked about only where one of them is to be sent. */
static enum rc_code ask_caps(struct writing *w, struct rc_error *err) {
    w->caps = learnamp_of(w->l)->caps;
    for (size_t i = 0; i < w->c->fields_n; i++)
        if (w->c->fields[i].field == USER_AVATAR || w->c->fields[i].field == USER_LEAVE_DATE)
            return learnamp_caps(w->l, &w->caps, err);
    return RC_OK;
}

static enum rc_code end(struct writing *w, enum rc_code rc, struct rc_error *err) {
    if (rc == RC_OK && !anything_went_through(w))
        rc = refused(w, "PUT /v1/users", text_from(w->said.ptr, w->said.len), err);
    if (rc == RC_OK)
        w->ret->said =
            text_copy(w->a, text_from(w->said.ptr != NULL ? w->said.ptr : "", w->said.len));
    buf_done(&w->said);
    return rc == RC_OK ? rc : rc_context(err, rc, "learnamp");
}

enum rc_code learnamp_create(struct destination_lane *base, const struct destination_change *c,
                             struct arena *a, struct destination_outcome *ret,
                             struct rc_error *err) {
    const struct learnamp_call call = { LEARNAMP_MAKES,   "POST",         "/v1/users",
                                        "POST /v1/users", "users:create", NULL };
    struct writing w = { .l = (struct learnamp_lane *)base, .c = c, .creates = true };
    struct learnamp_call sending = call;
    struct learnamp_answer answer;
    struct destination_outcome made;
    begin(&w, a, &made);
    sending.send = &w.l->send;
    enum rc_code rc = ask_caps(&w, err);
    if (rc == RC_OK) {
        leave_out_unsendable(&w);
        if (sent_of(&w, USER_EMAIL).state != TEXT_SET ||
            sent_of(&w, USER_FIRST_NAME).state != TEXT_SET ||
            sent_of(&w, USER_LAST_NAME).state != TEXT_SET)
            rc = refused(&w, call.what, TEXT_LIT("no account can be without address and names"),
                         err);
    }
    if (rc == RC_OK)
        rc = send(&w, &sending, &answer, err);
    if (rc == RC_OK)
        rc = read_answer(&w, &answer, call.what, err);
    if (rc == RC_OK) {
        find_kept(&w);
        /* The account is there: teams that could not be joined show in it, and are for next time. */
        (void)move_teams(&w, NULL);
    }
    rc = end(&w, rc, err);
    if (rc == RC_OK || rc == RC_INVALID)
        *ret = made;
    return rc;
}

static enum rc_code change(struct writing *w, struct rc_error *err) {
    struct learnamp_answer answer = { 0 };
    char path[60], what[80];
    json user;
    snprintf(path, sizeof path, "/v1/users/%lld", (long long)w->id);
    snprintf(what, sizeof what, "PUT %s", path);
    const struct learnamp_call call = { LEARNAMP_SETS, "PUT",          path,
                                        what,          "users:update", &w->l->send };
    bool only_teams = w->c->external_id.state == TEXT_MISSING;
    for (size_t i = 0; i < w->c->fields_n; i++)
        only_teams = only_teams && (!sends(w, i) || w->c->fields[i].field == USER_SECONDARY_TEAMS);
    enum rc_code rc = only_teams ? RC_OK : send(w, &call, &answer, err);
    if (rc != RC_OK)
        return rc;
    if (answer.status == 0) /* nothing was sent, or nothing was left to be */
        rc = learnamp_get(w->l, w->id, w->a, &user, &w->ret->shows, err);
    else
        rc = read_answer(w, &answer, what, err);
    if (rc != RC_OK)
        return rc;
    if (w->c->external_id.state == TEXT_EMPTY && w->ret->shows.external_id.state == TEXT_SET)
        return rc_fail_as(err, RC_INVALID, "destination.external-id",
                          "%s: Learn Amp did not let go of the external id", what);
    if (w->c->external_id.state == TEXT_SET &&
        !text_equal(w->ret->shows.external_id, w->c->external_id))
        return rc_fail_as(
            err, RC_INVALID, "destination.external-id",
            "%s: Learn Amp did not keep the external id: this account of Learn Amp is "
            "from before users had one. Ask Learn Amp to switch it on",
            what);
    if (answer.status != 0)
        find_kept(w);
    return move_teams(w, err);
}

enum rc_code learnamp_update(struct destination_lane *base, const struct destination_change *c,
                             struct arena *a, struct destination_outcome *ret,
                             struct rc_error *err) {
    struct writing w = { .l = (struct learnamp_lane *)base, .c = c };
    struct destination_outcome made;
    if (c->now == NULL || !learnamp_id_parse(c->now->remote_id, &w.id))
        return rc_fail_as(err, RC_INVALID, "destination.id",
                          "learnamp: an id there is a number from 1");
    begin(&w, a, &made);
    enum rc_code rc = ask_caps(&w, err);
    if (rc == RC_OK) {
        leave_out_unsendable(&w);
        rc = change(&w, err);
    }
    rc = end(&w, rc, err);
    bool changed = rc == RC_CONFLICT && made.shows.remote_id.state == TEXT_SET;
    if (rc == RC_OK || rc == RC_INVALID || changed)
        *ret = made;
    return rc;
}
