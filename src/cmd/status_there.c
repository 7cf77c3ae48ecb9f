/* Is all well on the platforms, and if not, what is the safe thing to do? */
#include <string.h>
#include "cmd/delivery.h"
#include "cmd/status.h"
#include "store/account.h"
#include "store/effect.h"
#include "sync/health.h"

struct there {
    const char *verdict;
    struct health health;
    int64_t accounts, asks;
    struct effect_tally tally; /* of the last run */
};

static enum rc_code load(struct cmd *c, const struct company *co, const struct platform *p,
                         struct there *ret) {
    int64_t id = p->destination_id, company = co->company_id;
    *ret = (struct there){ 0 };
    enum rc_code rc = health_of_destination(c->store, p, &c->arena, &ret->health, &c->err);
    if (rc != RC_OK)
        return rc;
    if (ret->health.has_last && (rc = effect_count(c->store, company, ret->health.last.run_id,
                                                   &ret->tally, &c->err)) != RC_OK)
        return rc;
    if ((rc = account_count(c->store, company, id, ACCOUNT_ALL, &ret->accounts, &c->err)) !=
            RC_OK ||
        (rc = account_count(c->store, company, id, ACCOUNT_ASKS, &ret->asks, &c->err)) != RC_OK)
        return rc;
    ret->verdict = health_verdict_name(ret->health.verdict);
    return RC_OK;
}

static void json_there(struct json_writer *w, const struct company *co, const struct platform *p,
                       const struct there *t) {
    char at[32];
    json_object(w, NULL);
    json_put_text(w, "company", co->key);
    json_put_text(w, "destination", p->key);
    json_put_cstr(w, "verdict", t->verdict);
    json_put_cstr(w, "listed_at", p->listed_us != 0 ? date_format_instant(p->listed_us, at) : NULL);
    json_put_int(w, "accounts", t->accounts);
    json_put_int(w, "asks", t->asks);
    json_put_int(w, "refused", t->tally.of[EFFECT_FAILED]);
    if (t->health.has_last)
        show_run(w, "last_run", co, p->key, &t->health.last);
    else
        json_put_null(w, "last_run");
    if (t->health.has_held)
        show_run(w, "held_run", co, p->key, &t->health.held);
    else
        json_put_null(w, "held_run");
    json_object_end(w);
}

static void print_advice(struct cmd *c, const struct company *co, const struct platform *p,
                         const struct there *t) {
    const char *key = cmd_str(c, co->key), *there = cmd_str(c, p->key);
    if (strcmp(t->verdict, "paused") == 0) {
        printf(
            "  Paused by %s, %s%s%s: nothing is sent.\n  When it may go on:  rollcall destination "
            "resume %s/%s\n",
            cmd_str(c, p->paused_by), cmd_when(c, p->paused_us),
            p->paused_why.state == TEXT_SET ? ": " : "", cmd_str(c, p->paused_why), key, there);
    } else if (t->health.has_held) {
        printf("  Run %lld waits for a person: %s.\n", (long long)t->health.held.run_id,
               cmd_str(c, t->health.held.reason));
        if (t->health.held.counts.classes[CHANGE_LEAVERS] > 0)
            printf("  While it waits, %s who left can still sign in.\n",
                   cmd_people(c, t->health.held.counts.classes[CHANGE_LEAVERS]));
        printf("  Safe to do:  rollcall run show %s/%lld   (sends nothing)\n", key,
               (long long)t->health.held.run_id);
    } else if (t->health.has_last && t->health.last.state == RUN_FAILED) {
        printf(
            "  The last delivery did not come to its end: %s.\n  Safe to do:  rollcall destination "
            "check %s/%s   (changes nothing)\n               rollcall deliver %s/%s   (goes on)\n",
            cmd_str(c, t->health.last.reason), key, there, key, there);
    } else if (p->delivered_us == 0) {
        printf(
            "  Nothing has been delivered yet.\n  Safe to do:  rollcall deliver %s/%s   (asks before "
            "it sends anything)\n",
            key, there);
    } else if (t->tally.of[EFFECT_FAILED] > 0)
        printf("  %s of the last delivery were refused:  rollcall run show %s/%lld\n",
               cmd_count(c, t->tally.of[EFFECT_FAILED]), key, (long long)t->health.last.run_id);
    if (t->asks > 0)
        printf("  %s asked about %s:  rollcall conflict list %s/%s\n", "A person is",
               t->asks == 1 ? "one account" : "some accounts", key, there);
}

static void print_there(struct cmd *c, const struct company *co, const struct platform *p,
                        const struct there *t) {
    const char *say = strcmp(t->verdict, "ok") == 0    ? "all is well"
                      : strcmp(t->verdict, "new") == 0 ? "not delivered to yet"
                                                       : t->verdict;
    printf("%s%s/%s: %s%s\n", cmd_colour() ? "\033[1m" : "", cmd_str(c, co->key),
           cmd_str(c, p->key), say, cmd_colour() ? "\033[0m" : "");
    if (p->listed_us != 0)
        printf("  read     %s\n", cmd_when(c, p->listed_us));
    print_advice(c, co, p, t);
}

enum rc_code status_there(struct cmd *c, const struct company *co, struct json_writer *w,
                          bool *ret_held) {
    struct platform *list;
    size_t n;
    enum rc_code rc = platform_list(c->store, co->company_id, &c->arena, &list, &n, &c->err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        struct there t;
        if ((rc = load(c, co, &list[i], &t)) != RC_OK)
            break;
        *ret_held |= t.health.has_held;
        w != NULL ? json_there(w, co, &list[i], &t) : print_there(c, co, &list[i], &t);
    }
    return rc;
}
