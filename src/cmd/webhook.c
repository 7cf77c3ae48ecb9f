/* rollcall integration webhook: where an HR system tells that something has changed, and whether it
 * has. */
#include <stdlib.h>
#include <string.h>
#include "cmd/cmd.h"
#include "net/client.h"
#include "store/audit.h"
#include "store/hook.h"
#include "store/hook_event.h"
#include "store/job.h"
#include "sync/subscription.h"

/* To be ticked by hand; what else comes is taken too. */
static const char *const wanted[] = {
    "person.created",     "person.updated",     "person.deleted",     "employment.created",
    "employment.updated", "employment.deleted", "employment.started", "employment.terminated",
};

static enum rc_code tally(struct cmd *c, const struct integration *in, struct hook_tally *ret) {
    RC_CLEANUP(store_closep) struct store *events = NULL;
    enum rc_code rc = hook_events_open(c->where, &events, &c->err);
    return rc != RC_OK ? rc
                       : hook_event_tally(events, in->company_id, in->integration_id, &c->arena,
                                          ret, &c->err);
}

void cmd_print_webhook(struct cmd *c, const char *company, const char *integration,
                       const struct hook_standing *h) {
    if (h->failing_us != 0)
        printf(
            "  HR does not tell of changes by itself: since %s its webhook cannot be kept there%s%s.\n",
            cmd_when(c, h->failing_us), h->note.state == TEXT_SET ? ": " : "", cmd_str(c, h->note));
    else if (h->silent_us != 0)
        printf(
            "  HR does not tell of changes by itself: nothing has come by its webhook since %s, though "
            "HR\n  says that it is enabled, and listings have found changes.\n",
            cmd_when(c, h->silent_us));
    else
        return;
    printf(
        "  Changes are found on the schedule.\n  Safe to do:  rollcall integration webhook show %s/%s   "
        "(changes nothing)\n",
        company, integration);
}

struct tell {
    const char *ref, *address;
    bool is_public;
    const struct hook *hook;
    struct hook_tally tally;
};

static void say_by_hand(const struct tell *t) {
    printf(
        "\nIn Personio, under Marketplace > Connected integrations > Webhooks, make one with this "
        "address,\nauthentication by token with this token, enabled, and these events:\n\n");
    for (size_t i = 0; i < RC_LEN(wanted); i++)
        printf("  %s\n", wanted[i]);
    if (t->tally.last_us == 0)
        printf("\nwaiting  nothing has come yet; a ping from there is enough, then look again:\n"
               "         rollcall integration webhook show %s\n",
               t->ref);
}

static void say(struct cmd *c, const struct tell *t) {
    const struct hook *h = t->hook;
    printf("address  %s\ntoken    %s\nmade     %s\n", t->address, h->token.ptr,
           cmd_when(c, h->made_us));
    if (!t->is_public)
        puts("         (say --public-url, or set ROLLCALL_PUBLIC_URL, to see the whole address)");
    if (h->state == HOOK_KEPT)
        printf("in HR    kept by rollcall, for %s; looked at %s%s%s\n", cmd_str(c, h->kept_for),
               cmd_when(c, h->looked_us), h->note.state == TEXT_SET ? "; " : "",
               cmd_str(c, h->note));
    else if (h->note.state == TEXT_SET)
        printf("in HR    %s: %s\n", h->state == HOOK_BY_HAND ? "by hand" : "not yet",
               cmd_str(c, h->note));
    else if (t->tally.last_us == 0)
        puts(
            "in HR    rollcall serve makes it, once it runs with ROLLCALL_PUBLIC_URL and the credential "
            "has the right to\n         (webhooks: read and write); else:");
    if (h->state != HOOK_KEPT && (t->tally.last_us == 0 || h->state == HOOK_BY_HAND))
        say_by_hand(t);
    else if (t->tally.last_us == 0)
        puts("\nwaiting  nothing has come yet");
    if (t->tally.last_us != 0)
        printf("\nlast     %s%s%s; %s so far\n", cmd_when(c, t->tally.last_us),
               t->tally.last_name.state == TEXT_SET ? ", " : "", cmd_str(c, t->tally.last_name),
               cmd_count(c, t->tally.deliveries));
}

static void write(const struct tell *t) {
    const struct hook *h = t->hook;
    struct cmd_json j;
    char at[32];
    cmd_json_begin(&j);
    json_object(&j.w, "webhook");
    json_put_cstr(&j.w, t->is_public ? "address" : "path", t->address);
    json_put_text(&j.w, "token", h->token);
    json_put_cstr(&j.w, "made_at", date_format_instant(h->made_us, at));
    json_put_cstr(&j.w, "in_hr", hook_state_name(h->state));
    json_put_text(&j.w, "note", h->note.state == TEXT_SET ? h->note : TEXT_NONE);
    json_put_text(&j.w, "remote_id", h->remote_id.state == TEXT_SET ? h->remote_id : TEXT_NONE);
    json_put_cstr(&j.w, "looked_at",
                  h->looked_us != 0 ? date_format_instant(h->looked_us, at) : NULL);
    json_array(&j.w, "events");
    for (size_t i = 0; i < RC_LEN(wanted); i++)
        json_put_cstr(&j.w, NULL, wanted[i]);
    json_array_end(&j.w);
    json_put_bool(&j.w, "waiting", t->tally.last_us == 0);
    json_put_int(&j.w, "deliveries", t->tally.deliveries);
    json_put_int(&j.w, "open", t->tally.open_n);
    json_put_cstr(&j.w, "first_at",
                  t->tally.first_us != 0 ? date_format_instant(t->tally.first_us, at) : NULL);
    json_put_cstr(&j.w, "last_at",
                  t->tally.last_us != 0 ? date_format_instant(t->tally.last_us, at) : NULL);
    json_object_end(&j.w);
    cmd_json_end(&j);
}

static enum cmd_exit show(struct cmd *c, const char *ref, const char *public_url,
                          const struct integration *in, const struct hook *h) {
    struct tell t = { .ref = ref, .hook = h };
    t.is_public = public_url != NULL && *public_url != '\0';
    enum rc_code rc = tally(c, in, &t.tally);
    if (rc != RC_OK)
        return cmd_fail(c, rc);
    t.address = subscription_address(t.is_public ? public_url : "", in, h, &c->arena);
    if (c->json)
        write(&t);
    else
        say(c, &t);
    return CMD_OK;
}

static enum rc_code note(struct cmd *c, const struct integration *in, const char *what) {
    return audit_add(c->store, in->company_id, clock_now_us(c->clock), cmd_who(c),
                     arena_printf(&c->arena, "webhook of %s %s", cmd_str(c, in->key), what),
                     &c->err);
}

static enum rc_code make(struct cmd *c, const struct integration *in, bool renews,
                         struct hook *ret) {
    enum rc_code rc = db_begin(c->store->db, &c->err);
    if (rc != RC_OK)
        return rc;
    rc = hook_make(c->store, c->key, in->company_id, in->integration_id, clock_now_us(c->clock),
                   &c->arena, ret, &c->err);
    if (rc == RC_OK)
        rc = hook_get(c->store, c->key, in->company_id, in->integration_id, &c->arena, ret,
                      &c->err); /* with what is known of the one in HR */
    if (rc == RC_OK)
        rc = job_want(c->store, JOB_WEBHOOK, in->company_id, in->integration_id,
                      clock_now_us(c->clock), &c->err);
    if (rc == RC_OK && (rc = note(c, in, renews ? "renewed" : "made")) == RC_OK)
        return db_commit(c->store->db, &c->err);
    db_rollback(c->store->db);
    return rc;
}

/* Answered no more from now on, whatever HR says about it. What cannot be deleted there now is deleted by
 * `rollcall serve`. */
static enum cmd_exit drop(struct cmd *c, const char *ref, const struct integration *in) {
    struct rc_error why = { 0 };
    struct hook h;
    enum rc_code rc =
        hook_get(c->store, c->key, in->company_id, in->integration_id, &c->arena, &h, &c->err);
    if (rc == RC_NOT_FOUND || (rc == RC_OK && h.ends))
        rc = rc_fail_as(&c->err, RC_NOT_FOUND, "webhook.none", "%s has no webhook", ref);
    bool known = rc == RC_OK && subscription_may_be_there(&h);
    if (rc != RC_OK ||
        (rc = hook_let_go(c->store, in->company_id, in->integration_id, &c->err)) != RC_OK ||
        (rc = note(c, in, "removed")) != RC_OK)
        return cmd_fail(c, rc);
    enum rc_code there = subscription_end(c->store, in, &h, c->clock, &c->arena, &why);
    if (there != RC_OK && (rc = job_want(c->store, JOB_WEBHOOK, in->company_id, in->integration_id,
                                         clock_now_us(c->clock), &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json)
        printf("{\"removed\":true,\"in_hr\":\"%s\"}\n", there != RC_OK ? "later"
                                                        : known        ? "removed"
                                                                       : "by-hand");
    else if (there != RC_OK)
        printf(
            "removed: its address is answered with 404 from now on. In Personio it could not be deleted "
            "yet (%s): rollcall serve tries again\n",
            why.text);
    else if (known)
        puts(
            "removed: its address is answered with 404 from now on, and in Personio it is deleted");
    else
        puts("removed: its address is answered with 404 from now on. If somebody has made it in "
             "Personio, delete it there too");
    return CMD_OK;
}

enum cmd_exit cmd_integration_webhook(struct cmd *c, int argc, char **argv) {
    const char *args[2], *public_url = NULL;
    const struct cmd_option options[] = {
        { "public-url", "URL", "where rollcall serve can be reached; also ROLLCALL_PUBLIC_URL",
          .value = &public_url },
        { 0 }
    };
    struct company co;
    struct integration in;
    struct hook h;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 2, 2, args))
        return CMD_MISUSED;
    bool shows = strcmp(args[0], "show") == 0, renews = strcmp(args[0], "renew") == 0;
    if (!shows && !renews && strcmp(args[0], "remove") != 0)
        return cmd_misused(c, "\"%.40s\" is nothing to do with a webhook: show, renew or remove",
                           args[0]);
    if (public_url == NULL)
        public_url = getenv("ROLLCALL_PUBLIC_URL");
    if (public_url != NULL && *public_url != '\0' && http_url_check(public_url, &c->err) != RC_OK)
        return cmd_misused(c, "%s", arena_printf(&c->arena, "--public-url: %s", c->err.text));
    if ((rc = cmd_integration_of(c, args[1], true, &co, &in)) != RC_OK)
        return cmd_fail(c, rc);
    if (!subscription_is_possible(&in))
        return cmd_misused(c, "%s is of the source %s, which tells nothing by itself", args[1],
                           cmd_str(c, in.source));
    if (!shows && !renews)
        return drop(c, args[1], &in);
    rc = renews
             ? RC_NOT_FOUND
             : hook_get(c->store, c->key, in.company_id, in.integration_id, &c->arena, &h, &c->err);
    if (rc == RC_NOT_FOUND || (rc == RC_OK && h.ends))
        rc = make(c, &in, renews, &h);
    return rc == RC_OK ? show(c, args[1], public_url, &in, &h) : cmd_fail(c, rc);
}
