/* Undoing a delivery, and what undoing holds. */
#include <string.h>
#include "cmd/accounts.h"
#include "cmd/progress.h"
#include "store/pin.h"
#include "sync/undo.h"

enum cmd_exit cmd_undo(struct cmd *c, int argc, char **argv) {
    const char *ref, *preview = NULL;
    const struct cmd_option options[] = {
        { "preview", NULL, "only look: nobody is asked to decide", .value = &preview }, { 0 }
    };
    struct delivery_progress now = { 0 };
    struct company co;
    struct platform p;
    struct run r;
    int64_t id;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if ((rc = cmd_open_key(c)) != RC_OK || (rc = cmd_run_of(c, ref, &co, &id)) != RC_OK)
        return cmd_fail(c, rc);
    struct delivery_options o = {
        .preview = preview != NULL, .who = cmd_who(c), .clock = c->clock, .progress = &now
    };
    struct progress *shown = progress_start_delivery(&now, c->clock, c->json);
    rc = undo_run(c->store, c->key, &co, id, &o, &c->arena, &r, &c->err);
    progress_stop(shown);
    if (rc != RC_OK || (rc = platform_get(c->store, co.company_id, r.destination_id, NULL,
                                          &c->arena, &p, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        if ((rc = delivery_json(c, &j.w, NULL, &co, &p, &r)) != RC_OK)
            return cmd_fail(c, rc);
        cmd_json_end(&j);
    } else
        delivery_summary(c, &co, &p, &r);
    return preview != NULL ? CMD_OK : CMD_HELD;
}

/* ---- pins ---- */

static void print_pin(struct cmd *c, const struct company *co, const struct show_pin *of) {
    const struct pin *pin = of->pin;
    bool account = text_is(pin->field, PIN_ACCOUNT);
    struct text value = pin->value.state == TEXT_SET ? pin->value : TEXT_LIT("(nothing)");
    printf("%s  %s  %-16s %s \"%s\"; run %s/%lld, %s\n", cmd_cell(c, of->whose, 12),
           cmd_cell(c, of->name, 26), cmd_str(c, pin->field),
           account ? "kept" : "not sent while HR states", cmd_str(c, value), cmd_str(c, co->key),
           (long long)pin->run_id, cmd_when(c, pin->made_us));
}

enum cmd_exit cmd_pin_list(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *ref;
    struct company co;
    struct platform p;
    struct cmd_json j;
    struct team_row *teams;
    struct pin *list;
    size_t n = 0, teams_n = 0;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if ((rc = cmd_platform_of(c, ref, false, &co, &p)) != RC_OK ||
        (rc = pin_list(c->store, co.company_id, p.destination_id, 0, &c->arena, &list, &n,
                       &c->err)) != RC_OK ||
        (rc = team_link_list(c->store, co.company_id, p.destination_id, &c->arena, &teams, &teams_n,
                             &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    const struct show s = cmd_show(c);
    if (c->json) {
        cmd_json_begin(&j);
        json_array(&j.w, "pins");
    }
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        struct show_pin of;
        if ((rc = show_pin_load(&s, &list[i], co.company_id, p.destination_id, teams, teams_n, &of,
                                &c->err)) != RC_OK)
            break;
        if (c->json)
            show_pin(&j.w, &of);
        else
            print_pin(c, &co, &of);
        arena_reset(&c->words);
    }
    if (c->json) {
        json_array_end(&j.w);
        cmd_json_finish(&j, rc);
    } else if (rc == RC_OK && n == 0)
        puts("nothing is held: no undo has anything left to keep");
    return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
}

static enum rc_code team_of(struct cmd *c, const struct company *co, const struct platform *p,
                            const char *what, int64_t *ret) {
    const struct show s = cmd_show(c);
    return show_team_find(&s, co->company_id, p->destination_id, what, ret, &c->err);
}

enum cmd_exit cmd_pin_release(struct cmd *c, int argc, char **argv) {
    const char *team = NULL;
    const struct cmd_option options[] = {
        { "team", NULL, "a team is named, not a person", .value = &team }, { 0 }
    };
    const char *args[3] = { NULL };
    struct company co;
    struct platform p;
    struct person who = { 0 };
    size_t n = 0;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 2, 3, args))
        return CMD_MISUSED;
    if ((rc = cmd_platform_of(c, args[0], false, &co, &p)) != RC_OK ||
        (rc = team != NULL ? team_of(c, &co, &p, args[1], &who.user_id)
                           : cmd_person_of(c, &co, args[1], &who)) != RC_OK)
        return cmd_fail(c, rc);
    struct accounts_context x = cmd_accounts(c, &co, &p);
    struct text field = args[2] != NULL ? text_of(args[2]) : (struct text){ 0 };
    if ((rc = accounts_release(&x, who.user_id, field, &n, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json)
        printf("{\"released\":%zu}\n", n);
    else if (n == 0)
        puts("nothing is held there: rollcall pin list shows what is");
    else
        printf("%zu let go of: the next delivery does what HR states\n", n);
    return CMD_OK;
}
