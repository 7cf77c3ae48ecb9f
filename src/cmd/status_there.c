/* Is all well on the platforms, and if not, what is the safe thing to do? */
#include <string.h>
#include "cmd/status.h"
#include "show/account.h"
#include "show/status.h"

static void print_interrupted(struct cmd *c, const char *key, const char *there,
                              const struct show_there *t) {
    int64_t left = t->tally.of[EFFECT_PLANNED] + t->tally.of[EFFECT_SENT];
    printf("  Run %lld was interrupted while it was carried out: %s of its calls %s left.\n"
           "  To go on with it:  rollcall deliver %s/%s   (rollcall serve does so by itself)\n"
           "  To end it:         rollcall run reject %s/%lld --reason \"...\"\n",
           (long long)t->health.last.run_id, cmd_count(c, left), left == 1 ? "is" : "are", key,
           there, key, (long long)t->health.last.run_id);
}

static void print_held(struct cmd *c, const char *key, const struct run *held) {
    if (held->kind == RUN_UNDO)
        printf("  Run %lld waits for a person: it would undo what run %lld did.\n",
               (long long)held->run_id, (long long)held->other_run_id);
    else
        printf("  Run %lld waits for a person: %s.\n", (long long)held->run_id,
               cmd_str(c, held->reason));
    if (held->kind != RUN_UNDO && held->counts.classes[CHANGE_LEAVERS] > 0)
        printf("  While it waits, %s who left can still sign in.\n",
               cmd_people(c, held->counts.classes[CHANGE_LEAVERS]));
    printf("  Safe to do:  rollcall run show %s/%lld   (sends nothing)\n", key,
           (long long)held->run_id);
}

/* What helps is done there, by a setting, or by an answer. */
static void print_team_waits(struct cmd *c, const char *key, const char *there,
                             const struct show_there *t) {
    enum { SHOWN = 3 };
    for (size_t i = 0; i < t->waits_n && i < SHOWN; i++)
        cmd_wrap(c, "  ",
                 text_of(arena_printf(&c->words, "Team %.*s is given to nobody: %.*s",
                                      TEXT_ARG(t->waits[i].is.name),
                                      TEXT_ARG(show_waiting_team_says(&t->waits[i], &c->words)))));
    if (t->waits_n > SHOWN)
        printf("  ... and so are %s more:  rollcall conflict list %s/%s\n",
               cmd_count(c, (int64_t)(t->waits_n - SHOWN)), key, there);
    if (t->waits_n > 0)
        printf("  To answer:  rollcall conflict list %s/%s\n", key, there);
    if (t->waits_n > 0)
        printf("  When that is done:  rollcall deliver %s/%s --inventory   (or the next reading of "
               "all)\n",
               key, there);
}

/* Somebody's deletion there is no refusal, and whether one is made again is asked below. */
static void print_failed(struct cmd *c, const char *key, const struct show_there *t) {
    long long run = (long long)t->health.last.run_id;
    if (t->refused > 0)
        printf("  %s of the last delivery %s refused:  rollcall run show %s/%lld\n",
               arena_printf(&c->words, "%s %s", cmd_count(c, t->refused),
                            t->refused == 1 ? "call" : "calls"),
               t->refused == 1 ? "was" : "were", key, run);
    if (t->deleted > 0)
        printf("  %s that the last delivery was to change %s deleted on the platform by somebody: "
               "none is made again unasked:  rollcall run show %s/%lld\n",
               arena_printf(&c->words, "%s %s", cmd_count(c, t->deleted),
                            t->deleted == 1 ? "account" : "accounts"),
               t->deleted == 1 ? "was" : "were", key, run);
}

static void print_advice(struct cmd *c, const struct company *co, const struct platform *p,
                         const struct show_there *t) {
    const char *key = cmd_str(c, co->key), *there = cmd_str(c, p->key);
    bool paused = strcmp(t->verdict, "paused") == 0;
    if (paused)
        printf(
            "  Paused by %s, %s%s%s: nothing is sent.\n  When it may go on:  rollcall destination "
            "resume %s/%s\n",
            cmd_str(c, p->paused_by), cmd_when(c, p->paused_us),
            p->paused_why.state == TEXT_SET ? ": " : "", cmd_str(c, p->paused_why), key, there);
    if (t->health.is_interrupted)
        print_interrupted(c, key, there, t);
    if (t->health.has_held)
        print_held(c, key, &t->health.held);
    if (paused || t->health.is_interrupted || t->health.has_held)
        ; /* what else there is can wait */
    else if (t->health.zone_unknown)
        printf("  Nothing has been delivered since %s: %s.\n",
               cmd_when(c, t->health.trouble.since_us), cmd_str(c, t->health.trouble.sentence));
    else if (t->health.reads_first.state == TEXT_SET)
        printf(
            "  Put back from a backup, %s: nothing is sent before everybody has been read from HR "
            "once more.\n  Safe to do:  rollcall import %s/%s\n",
            cmd_when(c, p->restored_us), key, cmd_str(c, t->health.reads_first));
    else if (t->health.has_last && t->health.last.state == RUN_FAILED)
        printf(
            "  The last delivery did not come to its end: %s.\n  Safe to do:  rollcall destination "
            "check %s/%s   (changes nothing)\n               rollcall deliver %s/%s   (goes on)\n",
            cmd_str(c, t->health.last.reason), key, there, key, there);
    else if (p->delivered_us == 0)
        printf(
            "  Nothing has been delivered yet.\n  Safe to do:  rollcall deliver %s/%s   (asks before "
            "it sends anything)\n",
            key, there);
    else
        print_failed(c, key, t);
    if (text_is(t->health.trouble.name, HEALTH_CLOCK))
        cmd_wrap(c, "  ",
                 text_of(arena_printf(&c->words, "Since %s: %.*s. Safe to do:  timedatectl",
                                      cmd_when(c, t->health.trouble.since_us),
                                      TEXT_ARG(t->health.trouble.sentence))));
    else if (health_is_of_some(&t->health.trouble))
        cmd_wrap(c, "  ",
                 text_of(arena_printf(
                     &c->words, "Since %s: %.*s. What it was about:  rollcall run show %s/%lld",
                     cmd_when(c, t->health.trouble.since_us), TEXT_ARG(t->health.trouble.sentence),
                     key, (long long)t->health.last.run_id)));
    if (t->asks > 0)
        printf("  %s asked about %s:  rollcall conflict list %s/%s\n", "A person is",
               t->asks == 1 ? "one account" : "some accounts", key, there);
    if (t->lapsed > 0)
        printf("  %s to be invited at an address that HR states no more:  rollcall accounts list "
               "%s/%s --waits\n",
               arena_printf(&c->words, "%s %s", cmd_people(c, t->lapsed),
                            t->lapsed == 1 ? "was" : "were"),
               key, there);
    if (t->apart > 0)
        printf("  %s no account, as that which carries their id or address is not theirs by a "
               "person's word:  rollcall accounts list %s/%s --waits\n",
               arena_printf(&c->words, "%s %s", cmd_people(c, t->apart),
                            t->apart == 1 ? "has" : "have"),
               key, there);
    if (t->uninvited > 0)
        printf("  %s for an invitation that only somebody on the platform can send:  rollcall "
               "accounts list %s/%s --waits\n",
               t->uninvited == 1
                   ? "1 account waits"
                   : arena_printf(&c->words, "%s accounts wait", cmd_count(c, t->uninvited)),
               key, there);
    if (t->team_asks > 0)
        printf(
            "  %s deleted on the platform, and a person is asked:  rollcall conflict list %s/%s\n",
            t->team_asks == 1 ? "A team was" : "Some teams were", key, there);
    print_team_waits(c, key, there, t);
}

/* Whatever else there is: some of them by name, and where the rest stands. */
static enum rc_code print_left(struct cmd *c, const struct company *co, const struct platform *p,
                               const struct show_there *t) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    enum rc_code rc = RC_OK;
    if (t->left_all == 0)
        return RC_OK;
    printf("  %s who left can still sign in: ", cmd_people(c, t->left_all));
    for (size_t i = 0; i < t->left_n && rc == RC_OK; i++) {
        struct show_about about;
        rc = show_about(c->store, &t->left[i], co->company_id, r, &c->arena, &about, &c->err);
        if (rc == RC_OK)
            printf("%s%s", i > 0 ? ", " : "",
                   cmd_str(c, about.name.state == TEXT_SET ? about.name : about.person));
    }
    printf("%s:  rollcall accounts list %s/%s --left   (what each waits for)\n",
           t->left_all > (int64_t)t->left_n ? " and more" : "", cmd_str(c, co->key),
           cmd_str(c, p->key));
    return rc;
}

static enum rc_code print_there(struct cmd *c, const struct company *co, const struct platform *p,
                                const struct show_there *t) {
    const char *say = strcmp(t->verdict, "ok") == 0        ? "all is well"
                      : strcmp(t->verdict, "new") == 0     ? "not delivered to yet"
                      : strcmp(t->verdict, "leavers") == 0 ? "not all is well"
                                                           : t->verdict;
    printf("%s%s/%s: %s%s\n", cmd_colour() ? "\033[1m" : "", cmd_str(c, co->key),
           cmd_str(c, p->key), say, cmd_colour() ? "\033[0m" : "");
    if (p->listed_us != 0)
        printf("  read     %s\n", cmd_when(c, p->listed_us));
    print_advice(c, co, p, t);
    return print_left(c, co, p, t);
}

enum rc_code status_there(struct cmd *c, const struct company *co, bool *ret_held) {
    const struct show show = cmd_show(c);
    struct platform *list;
    size_t n;
    enum rc_code rc = platform_list(c->store, co->company_id, &c->arena, &list, &n, &c->err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        struct show_there t;
        if ((rc = show_there_load(&show, co, &list[i], &t, &c->err)) != RC_OK)
            break;
        *ret_held |= t.health.has_held;
        rc = print_there(c, co, &list[i], &t);
    }
    return rc;
}
