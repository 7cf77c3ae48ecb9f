#include "sync/alerts_text.h"

#include <stdio.h>
#include <string.h>
#include "base/date.h"
#include "store/job.h"

enum { TEXT_BYTES = 16 << 10, SUBJECT_BYTES = 200, SENTENCE_BYTES = 600 };
static const int64_t day_us = INT64_C(86400000000);

struct words {
    struct store *st;
    const struct company *co;
    const struct alert *al;
    const struct cause_found *found; /* NULL: it is over */
    bool to_operator;
    int64_t now_us;
    struct arena *a;
    struct buf b;
    struct zone *zone; /* NULL: this machine does not know it */
    const char *company, *key, *subject_key;
    bool is_there; /* about a destination */
};

/* ---- texts of others ---- */

/* On one line, and cut between two characters: whoever named a company, or answered us, does not begin
 * lines of ours. */
static const char *plain(struct arena *a, struct text t, size_t most) {
    size_t len = t.len < most ? t.len : most;
    while (len > 0 && len < t.len && ((unsigned char)t.ptr[len] & 0xc0) == 0x80)
        len--;
    char *s = arena_str(a, t.state == TEXT_SET ? t.ptr : "", t.state == TEXT_SET ? len : 0);
    for (char *p = s; *p != '\0'; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = ' ';
    return s;
}

static const char *sentence(struct words *w, struct text t) {
    const char *s = plain(w->a, t, SENTENCE_BYTES);
    size_t len = strlen(s);
    while (len > 0 && (s[len - 1] == '.' || s[len - 1] == ' '))
        len--;
    return len == 0 ? "no reason was given" : arena_str(w->a, s, len);
}

static const char *people(struct words *w, int64_t n) {
    return n == 1 ? "1 person" : arena_printf(w->a, "%lld people", (long long)n);
}

/* "2026-11-23 09:15 (Europe/Berlin)" */
static const char *when(struct words *w, int64_t at_us) {
    char s[32];
    int64_t offset_us = w->zone != NULL ? zone_offset_s(w->zone, at_us) * INT64_C(1000000) : 0;
    date_format_instant(at_us + offset_us, s);
    return arena_printf(w->a, "%.10s %.5s (%s)", s, s + 11,
                        w->zone != NULL ? plain(w->a, w->co->zone, 60) : "UTC");
}

static void say(struct words *w, const char *fmt, ...) RC_PRINTF(2, 3);
static void say(struct words *w, const char *fmt, ...) {
    char line[2000];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    buf_str(&w->b, line);
    buf_char(&w->b, '\n');
}

/* ---- when it looks again ---- */

static void say_next(struct words *w, const char *what) {
    struct job_state is = { 0 };
    enum job_kind k = w->is_there ? JOB_DELIVERY : JOB_SYNC;
    if (job_look(w->st, k, w->co->company_id, w->al->subject_id, w->now_us, &is, NULL) != RC_OK ||
        is.run_at_us == 0)
        say(w, "%s when somebody starts it, or by the schedule of what feeds it.", what);
    else if (is.run_at_us <= w->now_us)
        say(w, "%s at once.", what);
    else
        say(w, "%s at %s.", what, when(w, is.run_at_us));
}

static void say_repeat(struct words *w) {
    int64_t days = cause_repeat_us(w->found->cause) / day_us;
    say(w, "While this lasts, this mail comes again %s. When it is over, %s.",
        days == 1 ? "once a day" : "once a week",
        cause_tells_over(w->found->cause) ? "one more says so" : "it stops");
    say(w, "To be told no more for two days:  rollcall alert mute %s/%s %s --days 2", w->key,
        w->subject_key, cause_code(w->found->cause));
}

/* ---- a run that is held ---- */

static enum rc_code say_leavers(struct words *w, struct rc_error *err) {
    const struct run *r = &w->found->health.held;
    int64_t all = health_leavers(r);
    struct alert_leaver *list;
    size_t n = 0;
    if (w->to_operator)
        return RC_OK;
    enum rc_code rc = alert_leavers(w->st, w->co->company_id, r->run_id, ALERTS_TEXT_PEOPLE, w->a,
                                    &list, &n, err);
    if (rc != RC_OK || n == 0)
        return rc;
    say(w, "\nThey are:");
    for (size_t i = 0; i < n; i++)
        say(w, "  %s (%s in HR)",
            list[i].name.state == TEXT_SET ? plain(w->a, list[i].name, 100) : "somebody",
            plain(w->a, list[i].source_id, 60));
    if (all > (int64_t)n)
        say(w, "  and %lld more", (long long)(all - (int64_t)n));
    return RC_OK;
}

static void say_counts(struct words *w, const struct run *r) {
    int64_t n = 0;
    say(w, "\nWho is affected, if it is approved:");
    for (int c = 0; c < CHANGE_CLASSES_N; c++)
        if (r->counts.classes[c] > 0 && c != CHANGE_UNANNOUNCED) {
            say(w, "  %s: %lld", change_class_title((enum change_class)c),
                (long long)r->counts.classes[c]);
            n++;
        }
    if (n == 0)
        say(w, "  nobody yet: rollcall stopped before it knew");
}

static enum rc_code write_held(struct words *w, const char **ret_subject, struct rc_error *err) {
    const struct run *r = &w->found->health.held;
    int64_t leavers = health_leavers(r);
    bool urgent = w->found->cause == CAUSE_HELD_LEAVERS;
    long long id = r->run_id;
    *ret_subject = urgent ? arena_printf(w->a, "%s: %s who left can still sign in until you decide",
                                         w->company, people(w, leavers))
                          : arena_printf(w->a, "%s: a run waits for your decision", w->company);
    say(w, "%s",
        w->is_there
            ? "rollcall has stopped before it changed accounts on the learning platform, and asks"
            : "rollcall has read HR, has changed nothing, and asks");
    say(w, "a person first. Run %lld, since %s:\n", id, when(w, w->al->since_us));
    say(w, "  %s.", sentence(w, r->reason));
    say_counts(w, r);
    enum rc_code rc = urgent ? say_leavers(w, err) : RC_OK;
    if (rc != RC_OK)
        return rc;
    say(w,
        "\nWhat rollcall did: nothing of this run has been carried out. Everybody keeps the account");
    say(w, "and the access that they had%s",
        urgent ? ", also those who left: that is why this is urgent." : ".");
    say(w, "\nWhat to do:");
    say(w, "  rollcall run show %s/%lld", w->key, id);
    say(w, "      safe: shows everybody whom it concerns, and why, and changes nothing");
    say(w, "  rollcall run approve %s/%lld --reason \"...\"", w->key, id);
    say(w, "      if all of that is right: carries it out");
    say(w, "  rollcall run reject %s/%lld --reason \"...\"", w->key, id);
    say(w, "      if it is not: then HR has to be put right, or it asks again");
    say_next(w, "\nrollcall looks again");
    return RC_OK;
}

/* ---- what does not work ---- */

static void say_failed(struct words *w) {
    const struct trouble *t = &w->found->health.trouble;
    say(w, "Since %s it has been tried %lld time%s. The last time, %s:\n", when(w, t->since_us),
        (long long)t->attempts, t->attempts == 1 ? "" : "s", when(w, t->last_us));
    say(w, "  %s.", sentence(w, t->sentence));
    if (t->name.state == TEXT_SET)
        say(w, "  (%s: see docs/errors.md)", plain(w->a, t->name, 60));
}

static void say_meanwhile(struct words *w) {
    say(w, "\nWho is affected: nobody loses or gets access because of this. Until it works again");
    say(w, "%s",
        w->is_there
            ? "changes do not reach the learning platform: who joins has no account yet, and who leaves keeps theirs."
            : "what changes in HR is not seen: who joins has no account yet, and who leaves keeps theirs.");
    say(w, "\nWhat rollcall did: it left everybody as they are, and tries again by itself.");
}

static void say_check(struct words *w) {
    const char *noun = w->is_there ? "destination" : "integration";
    say(w, "  rollcall %s check %s/%s", noun, w->key, w->subject_key);
    say(w,
        "      safe: tries everything that is needed, says what is missing, and changes nothing");
}

static void write_credentials(struct words *w, const char **ret_subject) {
    *ret_subject = arena_printf(w->a, "%s: %s %s refuses our credentials", w->company,
                                w->is_there ? "learning platform" : "HR system", w->subject_key);
    say(w, "%s (%s) refuses the key that rollcall has, or it lacks a right.",
        w->is_there ? "The learning platform" : "The HR system", w->subject_key);
    say_failed(w);
    say_meanwhile(w);
    say(w, "\nWhat to do:");
    say_check(w);
    say(w, "  rollcall %s set %s/%s --secret-file client-secret=FILE",
        w->is_there ? "destination" : "integration", w->key, w->subject_key);
    say(w, "      with a new key, made by whoever administers that system");
    say_next(w, "\nIt is tried again");
}

static void write_failing(struct words *w, const char **ret_subject) {
    *ret_subject = arena_printf(w->a,
                                w->is_there ? "%s: nothing reaches learning platform %s"
                                            : "%s: HR system %s cannot be read",
                                w->company, w->subject_key);
    say(w,
        w->is_there ? "Changes cannot be brought to the learning platform (%s)."
                    : "HR (%s) cannot be read.",
        w->subject_key);
    say_failed(w);
    say_meanwhile(w);
    if (w->found->health.zone_unknown) {
        say(w,
            "\nWhat to do: install what knows time zones (package tzdata) where rollcall serve runs, or");
        say(w, "  rollcall company set %s --zone ZONE", w->key);
        say(w, "      by which a day begins at another time than before, if it is another place's");
    } else {
        say(w, "\nWhat to do: often nothing, if that system is down. If it lasts:");
        say_check(w);
    }
    say_next(w, "\nIt is tried again");
}

static void write_clock(struct words *w, const char **ret_subject) {
    *ret_subject = arena_printf(w->a, "%s: the clocks of rollcall and of %s differ", w->company,
                                w->subject_key);
    say(w, "What is due on a day waits, as nobody knows which clock is right.");
    say_failed(w);
    say(w,
        "\nWho is affected: whoever starts, leaves or is to be invited by a date. Whoever has left by");
    say(w, "a date alone can still sign in. Whatever HR says without a date goes on as always.");
    say(w, "\nWhat rollcall did: it left them as they are, and looks again at each delivery.");
    say(w, "\nWhat to do: see whether the clock of the machine on which rollcall runs is right");
    say(w, "  timedatectl");
    say(w, "      safe: shows the time, and whether it is kept by a time server");
    say(w, "  rollcall accounts list %s/%s --left", w->key, w->subject_key);
    say(w, "      safe: who left and can still sign in");
    say(w, "  If it is the platform's clock that is wrong, tell whoever runs the platform.");
    say_next(w, "\nIt is tried again");
}

/* The rest goes through. Who they are the list says, which not everybody who gets this mail may see. */
static void write_of_some(struct words *w, const char **ret_subject) {
    bool in_doubt = text_is(w->found->health.trouble.name, HEALTH_IN_DOUBT);
    *ret_subject = arena_printf(
        w->a,
        in_doubt ? "%s: learning platform %s gives no clear answer for some people"
                 : "%s: learning platform %s does not close accounts that are to be closed",
        w->company, w->subject_key);
    say(w, "The learning platform (%s) takes what is sent for others, and not for some people.",
        w->subject_key);
    say_failed(w);
    say(w, "\nWho is affected: those people alone. Whoever of them has left can still sign in.");
    say(w, "\nWhat rollcall did: it looks at their accounts and tries again at each delivery.");
    say(w, "\nWhat to do:");
    say(w, "  rollcall accounts list %s/%s --left", w->key, w->subject_key);
    say(w, "      safe: who left and can still sign in, and what each waits for");
    if (w->found->health.has_last) {
        say(w, "  rollcall run show %s/%lld", w->key, (long long)w->found->health.last.run_id);
        say(w, "      safe: what the platform answered, and about whom");
    }
    say(w, "  On the platform: deactivate by hand who must not get in until it works.");
    say_next(w, "\nIt is tried again");
}

static void write_alike(struct words *w, const char **ret_subject) {
    *ret_subject = arena_printf(w->a, "%s: learning platform %s refuses change after change",
                                w->company, w->subject_key);
    say(w, "The learning platform (%s) refused many changes in a row, all for one cause. rollcall",
        w->subject_key);
    say(w, "stopped, as the next ones would have been refused as well.");
    say_failed(w);
    say_meanwhile(w);
    say(w, "\nWhat to do: mend the cause; what was not tried is tried then.");
    say_check(w);
    if (w->found->health.has_last) {
        say(w, "  rollcall run show %s/%lld", w->key, (long long)w->found->health.last.run_id);
        say(w, "      safe: shows what was refused, and for whom, and changes nothing");
    }
    say_next(w, "\nIt is tried again");
}

static void write_stale(struct words *w, const char **ret_subject) {
    *ret_subject = arena_printf(w->a, "%s: HR system %s has not been read for long", w->company,
                                w->subject_key);
    say(w, "HR (%s) was last read %s, in spite of its schedule,", w->subject_key,
        when(w, w->found->since_us));
    say(w, "and no failure says why: perhaps rollcall serve does not come to it.");
    say_meanwhile(w);
    say(w, "\nWhat to do:");
    say(w, "  rollcall integration show %s/%s", w->key, w->subject_key);
    say(w, "      safe: says when it is due, and changes nothing");
    say(w, "  rollcall import %s/%s", w->key, w->subject_key);
    say(w, "      reads HR now; what is out of the ordinary waits for a person");
    say_next(w, "\nIt is due");
}

static void write_paused(struct words *w, const char **ret_subject) {
    const struct platform *p = w->found->there;
    *ret_subject =
        arena_printf(w->a, "%s: learning platform %s is still paused", w->company, w->subject_key);
    say(w, "Somebody paused the learning platform (%s): %s, %s%s%s.", w->subject_key,
        plain(w->a, p->paused_by, 100), when(w, p->paused_us),
        p->paused_why.state == TEXT_SET ? ": " : "", plain(w->a, p->paused_why, 300));
    say(w,
        "\nWho is affected: until it goes on nothing is sent to it. Who joins has no account yet, and");
    say(w, "who leaves keeps theirs.");
    say(w, "\nWhat to do, when it may go on:");
    say(w, "  rollcall deliver %s/%s --preview", w->key, w->subject_key);
    say(w, "      safe: shows what would be sent, and sends nothing");
    say(w, "  rollcall destination resume %s/%s", w->key, w->subject_key);
}

static void write_webhook(struct words *w, const char **ret_subject) {
    const struct hook_standing *h = w->found->hook;
    *ret_subject = arena_printf(w->a, "%s: HR system %s does not tell of changes by itself",
                                w->company, w->subject_key);
    if (h->failing_us != 0) {
        say(w, "The webhook by which HR (%s) tells of changes cannot be kept there since %s:",
            w->subject_key, when(w, h->failing_us));
        say(w, "  %s.", sentence(w, h->note));
    } else {
        say(w, "HR (%s) says that its webhook is enabled, but nothing has come by it since %s,",
            w->subject_key, when(w, h->silent_us));
        say(w, "although reading everybody has found changes of which it should have told.");
    }
    say(w,
        "\nWho is affected: nobody loses or gets access because of this. HR is read on its schedule as");
    say(w, "before, so that changes reach the learning platform by that, and not within seconds.");
    say(w,
        "\nWhat rollcall did: it looks again every few hours, makes or enables the webhook where HR lets it,");
    say(w, "and reads there what it has missed.");
    say(w, "\nWhat to do:");
    say(w, "  rollcall integration webhook show %s/%s", w->key, w->subject_key);
    say(w, "      says how it stands, and the address and token that HR has to have");
    if (h->failing_us != 0) {
        say(w,
            "  In HR: is there a webhook with that address, and is it enabled? Make or enable it there, or");
        say(w, "  give the credential the right to (webhooks: read and write).");
    } else {
        say(w,
            "  In HR: do deliveries of that webhook fail, and with which answer? Does the address lead to this");
        say(w,
            "  service from outside (certificate, proxy, firewall)? A ping from there has to arrive.");
    }
}

/* ---- it is over ---- */

static void write_over(struct words *w, const char **ret_subject) {
    enum cause c = cause_parse(w->al->cause);
    struct run r = { 0 };
    long long id = w->al->run_id;
    bool known = id != 0 && run_get(w->st, w->co->company_id, id, w->a, &r, NULL) == RC_OK;
    if (c == CAUSE_HELD || c == CAUSE_HELD_LEAVERS) {
        const char *what = known && r.state == RUN_REJECTED ? "was rejected"
                           : known && r.approved            ? "was approved"
                                                            : "waits no more";
        *ret_subject = arena_printf(w->a, "%s: over: run %lld %s", w->company, id, what);
        say(w, "Run %lld, of which you were told, %s%s%s.", id, what,
            known && r.decided_by.state == TEXT_SET ? ", by " : "",
            known ? plain(w->a, r.decided_by, 100) : "");
        if (known && r.state == RUN_FAILED)
            say(w, "It did not come to its end; you are told if that stays so.");
        else if (known && !r.approved && r.state != RUN_REJECTED)
            say(w,
                "HR, or the platform, says something else by now, and nothing waits for a person.");
        say(w, "\nWhat became of it (changes nothing):  rollcall run show %s/%lld", w->key, id);
        return;
    }
    if (c == CAUSE_WEBHOOK) {
        *ret_subject = arena_printf(w->a, "%s: over: HR system %s tells of changes by itself again",
                                    w->company, w->subject_key);
        say(w, "The webhook of HR (%s) is there and tells. What you were told of began %s.",
            w->subject_key, when(w, w->al->since_us));
        say(w, "What it had not told is found by reading everybody; there is nothing to do.");
        say(w, "\nHow it stands (changes nothing):  rollcall integration show %s/%s", w->key,
            w->subject_key);
        return;
    }
    *ret_subject = arena_printf(w->a,
                                w->is_there ? "%s: over: learning platform %s takes changes again"
                                            : "%s: over: HR system %s is read again",
                                w->company, w->subject_key);
    say(w, "%s (%s) works again. What you were told of began %s.",
        w->is_there ? "The learning platform" : "HR", w->subject_key, when(w, w->al->since_us));
    say(w, "What had waited is done, or has begun; there is nothing to do.");
    say(w, "\nHow things are (changes nothing):  rollcall status %s", w->key);
}

/* ---- a whole mail ---- */

static void begin(struct words *w) {
    char zone[80];
    snprintf(zone, sizeof zone, "%.*s", TEXT_ARG(w->co->zone));
    w->zone = NULL;
    (void)zone_open(zone, &w->zone, NULL);
    w->company = plain(w->a, w->co->name.state == TEXT_SET ? w->co->name : w->co->key, 80);
    w->key = plain(w->a, w->co->key, 40);
    buf_init(&w->b, TEXT_BYTES);
}

static enum rc_code end(struct words *w, const char *subject, enum rc_code rc,
                        struct alerts_text *ret, struct rc_error *err) {
    if (rc == RC_OK && w->b.full)
        rc = rc_fail(err, RC_FATAL, "an alert is too long for a mail");
    if (rc == RC_OK)
        *ret = (struct alerts_text){ plain(w->a, text_of(subject), SUBJECT_BYTES),
                                     arena_str(w->a, w->b.ptr, w->b.len) };
    buf_done(&w->b);
    zone_close(w->zone);
    return rc;
}

enum rc_code alerts_text_open(struct store *st, const struct company *co, const struct alert *al,
                              const struct cause_found *found, bool to_operator, int64_t now_us,
                              struct arena *a, struct alerts_text *ret, struct rc_error *err) {
    struct words w = { .st = st,
                       .co = co,
                       .al = al,
                       .found = found,
                       .to_operator = to_operator,
                       .now_us = now_us,
                       .a = a,
                       .is_there = found->there != NULL };
    const char *subject = "";
    enum rc_code rc = RC_OK;
    begin(&w);
    w.subject_key = plain(a, w.is_there ? found->there->key : found->in->key, 40);
    switch (found->cause) {
    case CAUSE_HELD_LEAVERS:
    case CAUSE_HELD: rc = write_held(&w, &subject, err); break;
    case CAUSE_CREDENTIALS: write_credentials(&w, &subject); break;
    case CAUSE_ALIKE: write_alike(&w, &subject); break;
    case CAUSE_FAILING:
        if (text_is(found->health.trouble.name, HEALTH_CLOCK))
            write_clock(&w, &subject);
        else
            health_is_of_some(&found->health.trouble) ? write_of_some(&w, &subject)
                                                      : write_failing(&w, &subject);
        break;
    case CAUSE_STALE: write_stale(&w, &subject); break;
    case CAUSE_PAUSED: write_paused(&w, &subject); break;
    case CAUSE_WEBHOOK: write_webhook(&w, &subject); break;
    case CAUSES_N: break;
    }
    if (al->told_n > 1)
        subject = arena_printf(a, "%s (still)", subject);
    say_repeat(&w);
    return end(&w, subject, rc, ret, err);
}

enum rc_code alerts_text_over(struct store *st, const struct company *co, const struct alert *al,
                              int64_t now_us, struct arena *a, struct alerts_text *ret,
                              struct rc_error *err) {
    struct words w = { .st = st, .co = co, .al = al, .now_us = now_us, .a = a };
    struct integration in;
    struct platform p;
    const char *subject = "";
    enum rc_code rc = integration_get(st, co->company_id, al->subject_id, NULL, a, &in, err);
    if (rc == RC_NOT_FOUND) {
        rc = platform_get(st, co->company_id, al->subject_id, NULL, a, &p, err);
        w.is_there = true;
    }
    if (rc != RC_OK)
        return rc;
    begin(&w);
    w.subject_key = plain(a, w.is_there ? p.key : in.key, 40);
    write_over(&w, &subject);
    return end(&w, subject, RC_OK, ret, err);
}

struct alerts_text alerts_text_test(struct arena *a) {
    (void)a;
    return (struct alerts_text){
        "rollcall: a test mail",
        "This is a test: mails of rollcall arrive here.\n\n"
        "When something needs a person, a mail like this one says what happened, who is affected, and\n"
        "what is safe to do. There is nothing to do now.\n"
    };
}
