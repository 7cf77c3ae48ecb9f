/* rollcall integration webhook: where an HR system tells that something has changed, and whether it
 * has. */
#include <stdlib.h>
#include <string.h>
#include "cmd/cmd.h"
#include "net/client.h"
#include "store/audit.h"
#include "store/hook.h"
#include "store/hook_event.h"

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

/* "https://rollcall.example/webhooks/personio/..."; the path alone where nobody has said at which address
 * this can be reached. */
static const char *address_of(struct cmd *c, const char *public_url, const struct integration *in,
                              const struct hook *h) {
    size_t len = strlen(public_url);
    while (len > 0 && public_url[len - 1] == '/')
        len--;
    return arena_printf(&c->arena, "%.*s/webhooks/%s/%s", (int)len, public_url,
                        cmd_str(c, in->source), h->address.ptr);
}

static void say(struct cmd *c, const char *ref, const char *address, bool is_public,
                const struct hook *h, const struct hook_tally *t) {
    printf("address  %s\ntoken    %s\nmade     %s\n", address, h->token.ptr,
           cmd_when(c, h->made_us));
    if (!is_public)
        puts("         (say --public-url, or set ROLLCALL_PUBLIC_URL, to see the whole address)");
    printf(
        "\nIn Personio, under Marketplace > Connected integrations > Webhooks, make one with this "
        "address,\nauthentication by token with this token, enabled, and these events:\n\n");
    for (size_t i = 0; i < RC_LEN(wanted); i++)
        printf("  %s\n", wanted[i]);
    if (t->last_us == 0) {
        printf("\nwaiting  nothing has come yet; a ping from there is enough, then look again:\n"
               "         rollcall integration webhook show %s\n",
               ref);
        return;
    }
    printf("\nlast     %s%s%s; %s so far\n", cmd_when(c, t->last_us),
           t->last_name.state == TEXT_SET ? ", " : "", cmd_str(c, t->last_name),
           cmd_count(c, t->deliveries));
}

static enum cmd_exit show(struct cmd *c, const char *ref, const char *public_url,
                          const struct integration *in, const struct hook *h) {
    struct hook_tally t = { 0 };
    char at[32];
    bool is_public = public_url != NULL && *public_url != '\0';
    enum rc_code rc = tally(c, in, &t);
    if (rc != RC_OK)
        return cmd_fail(c, rc);
    const char *address = address_of(c, is_public ? public_url : "", in, h);
    if (!c->json) {
        say(c, ref, address, is_public, h, &t);
        return CMD_OK;
    }
    struct cmd_json j;
    cmd_json_begin(&j);
    json_object(&j.w, "webhook");
    json_put_cstr(&j.w, is_public ? "address" : "path", address);
    json_put_text(&j.w, "token", h->token);
    json_put_cstr(&j.w, "made_at", date_format_instant(h->made_us, at));
    json_array(&j.w, "events");
    for (size_t i = 0; i < RC_LEN(wanted); i++)
        json_put_cstr(&j.w, NULL, wanted[i]);
    json_array_end(&j.w);
    json_put_bool(&j.w, "waiting", t.last_us == 0);
    json_put_int(&j.w, "deliveries", t.deliveries);
    json_put_int(&j.w, "open", t.open_n);
    json_put_cstr(&j.w, "first_at", t.first_us != 0 ? date_format_instant(t.first_us, at) : NULL);
    json_put_cstr(&j.w, "last_at", t.last_us != 0 ? date_format_instant(t.last_us, at) : NULL);
    json_object_end(&j.w);
    cmd_json_end(&j);
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
    if (rc == RC_OK && (rc = note(c, in, renews ? "renewed" : "made")) == RC_OK)
        return db_commit(c->store->db, &c->err);
    db_rollback(c->store->db);
    return rc;
}

static enum cmd_exit drop(struct cmd *c, const char *ref, const struct integration *in) {
    bool was_there = false;
    enum rc_code rc =
        hook_remove(c->store, in->company_id, in->integration_id, &was_there, &c->err);
    if (rc == RC_OK && !was_there)
        rc = rc_fail_as(&c->err, RC_NOT_FOUND, "webhook.none", "%s has no webhook", ref);
    if (rc == RC_OK)
        rc = note(c, in, "removed");
    if (rc != RC_OK)
        return cmd_fail(c, rc);
    if (c->json)
        printf("{\"removed\":true}\n");
    else
        printf(
            "removed: its address is answered with 404 from now on. Delete it in Personio too\n");
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
    if (!text_is(in.source, "personio"))
        return cmd_misused(c, "%s is of the source %s, which tells nothing by itself", args[1],
                           cmd_str(c, in.source));
    if (!shows && !renews)
        return drop(c, args[1], &in);
    rc = renews
             ? RC_NOT_FOUND
             : hook_get(c->store, c->key, in.company_id, in.integration_id, &c->arena, &h, &c->err);
    if (rc == RC_NOT_FOUND)
        rc = make(c, &in, renews, &h);
    return rc == RC_OK ? show(c, args[1], public_url, &in, &h) : cmd_fail(c, rc);
}
