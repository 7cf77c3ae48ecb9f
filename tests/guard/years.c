/* years.c - a thousand companies' years in fast-forward against the guard.
 *
 *     guard-years [--companies 1000] [--seed 1] [--limits JSON] [--sample | --control]
 *
 * Every company lives through a year, imported once, four or twenty-four times a day, and whoever
 * is at work looks at what is held; then it meets each disaster. The verdicts are the guard's own
 * (src/sync/guard.c). Two tables: how often somebody was asked about ordinary life, and why; and
 * what became of the disasters. Exit code 0 when the year asked at most TARGET_HOLDS questions on
 * average and no disaster went through; with --sample it says so as test results. --control is for
 * the program that was built without the guard: 0 when disasters went through. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/arena.h"
#include "sync/guard.h"
#include "tests/guard/disaster.h"

enum { TARGET_HOLDS = 4, SIZES_N = 5 };
static const int64_t hour_us = INT64_C(3600000000);
static const struct size_class {
    const char *name;
    int64_t most;
} sizes[SIZES_N] = { { "10 to 49", 49 },
                     { "50 to 249", 249 },
                     { "250 to 999", 999 },
                     { "1,000 to 4,999", 4999 },
                     { "5,000 to 20,000", 20000 } };

static int size_class(int64_t size) {
    int s = 0;
    while (s < SIZES_N - 1 && size > sizes[s].most)
        s++;
    return s;
}

/* ---- one company's imports ---- */

struct life {
    const struct guard_limits *limits;
    struct company *c;
    struct rng rng;
    int64_t population;
    struct guard_past *past; /* applied, oldest first; those of the last 30 days from past_from */
    size_t past_n, past_cap, past_from;
    int64_t pending[CHANGE_CLASSES_N]; /* what HR says and the directory does not */
    bool pending_upheaval, is_open;    /* a hold waits */
    /* what became of it */
    int64_t holds, upheaval_holds, why[CHANGE_CLASSES_N][GUARD_WINDOWS_N], why_missing;
};

static void forget_old(struct life *l, int64_t now_us) {
    while (l->past_from < l->past_n &&
           l->past[l->past_from].applied_us < now_us - (GUARD_DAYS + 1) * 24 * hour_us)
        l->past_from++;
}

/* v: a person said yes to it; NULL: nobody was asked. */
static void apply(struct life *l, int64_t now_us, const int64_t *classes,
                  const struct guard_verdict *v) {
    if (l->past_n == l->past_cap) {
        l->past_cap = l->past_cap != 0 ? l->past_cap * 2 : 512;
        l->past = mem_realloc(l->past, l->past_cap * sizeof *l->past);
    }
    struct guard_past *p = &l->past[l->past_n++];
    *p = (struct guard_past){ .applied_us = now_us, .population = l->population };
    if (v != NULL)
        guard_past_approve(p, v);
    memcpy(p->classes, classes, sizeof p->classes);
    l->population += classes[CHANGE_JOINS] - classes[CHANGE_LEAVERS];
    /* Nobody's company goes below ten: they hire again, and a handful needs no guard. */
    l->population = l->population > 10 ? l->population : 10;
    forget_old(l, now_us);
}

static void verdict_on(struct life *l, int64_t now_us, const int64_t *classes, int64_t not_asked,
                       struct guard_verdict *ret) {
    struct guard_input in = { .population = { [GUARD_RUN] = l->population },
                              .missing_not_looked_up = not_asked };
    memcpy(in.now, classes, sizeof in.now);
    guard_look_back(l->past + l->past_from, l->past_n - l->past_from, now_us, &in);
    guard_check(l->limits, &in, ret);
}

static int64_t moment(struct life *l, int day, int slot) {
    double hours = (double)day * 24 + company_hour(l->c, slot);
    return (int64_t)(hours * (double)hour_us) + (int64_t)rng_below(&l->rng, 20 * 60) * 1000000;
}

static void count_why(struct life *l, const struct guard_verdict *v) {
    for (size_t i = 0; i < v->findings_n; i++)
        l->why[v->findings[i].class][v->findings[i].window]++;
}

static bool is_nothing(const int64_t *classes) {
    for (int k = 0; k < CHANGE_CLASSES_N; k++)
        if (classes[k] != 0)
            return false;
    return true;
}

/* An import: what has gathered, and whether a person is asked. Who is at work says yes at once;
 * otherwise it waits, and the next import finds it again with what came to it. */
static void import(struct life *l, int day, int slot) {
    const struct company_slot *s = company_at(l->c, day, slot);
    struct guard_verdict v;
    int64_t now = moment(l, day, slot);
    for (int k = 0; k < CHANGE_CLASSES_N; k++)
        l->pending[k] += s->classes[k];
    l->pending_upheaval |= s->is_upheaval;
    if (is_nothing(l->pending))
        return;
    verdict_on(l, now, l->pending, 0, &v);
    if (v.held && !l->is_open && day >= BEFORE_DAYS) {
        l->holds++;
        l->upheaval_holds += l->pending_upheaval;
        count_why(l, &v);
    }
    l->is_open = v.held;
    if (v.held && !company_is_staffed(l->c, day, slot))
        return;
    apply(l, now, l->pending, v.held ? &v : NULL);
    memset(l->pending, 0, sizeof l->pending);
    l->pending_upheaval = l->is_open = false;
}

static void live(struct life *l, int until_day) {
    for (int day = 0; day < until_day; day++)
        for (int slot = 0; slot < l->c->runs_a_day; slot++)
            import(l, day, slot);
}

/* ---- one disaster ---- */

struct fate {
    bool stopped;
    int64_t affected; /* before a person was asked, or in all */
    int64_t population;
};

/* Adds the disaster's people to an import's; true when that alone stops it. */
static bool strike(const struct life *l, const struct disaster *d, int day_of_it, int64_t known,
                   int64_t *classes, int64_t *ret_people, int64_t *ret_not_asked) {
    int64_t n = disaster_people(d, day_of_it, known);
    n = n < l->population ? n : l->population;
    *ret_people = n;
    *ret_not_asked = 0;
    bool missing = d->kind == DISASTER_MISSING || d->kind == DISASTER_MISSING_DRIP;
    if (missing && guard_is_other_account(l->population, l->population - n))
        return true;
    if (missing && !guard_may_look_up(l->limits, n, l->population)) {
        *ret_not_asked = n;
    } else if (missing) {
        classes[CHANGE_UNANNOUNCED] += n;
        classes[CHANGE_LEAVERS] += n;
    } else if (d->kind == DISASTER_TO_AND_FRO && day_of_it % 2 == 1) {
        classes[CHANGE_JOINS] += n;
        *ret_people = 0;
    } else {
        classes[d->class] += n;
    }
    return false;
}

/* Whether whoever looks at what is held sees the disaster: it is in this import, or in a sum that
 * is over its limit. */
static bool is_about(const struct guard_verdict *v, const struct disaster *d, int slot) {
    bool about = v->held && slot == 0;
    for (size_t i = 0; i < v->findings_n; i++)
        about |= v->findings[i].class == d->class ||
                 change_class_wider(v->findings[i].class) == d->class;
    return about;
}

/* From that day on, in the first import of each day, until somebody is asked about it. */
static void suffer(struct life *l, const struct disaster *d, int from_day, struct fate *ret) {
    int64_t known = l->population;
    *ret = (struct fate){ .population = known };
    for (int day = from_day; day < from_day + d->days && day < ALL_DAYS; day++)
        for (int slot = 0; slot < l->c->runs_a_day; slot++) {
            const struct company_slot *s = company_at(l->c, day, slot);
            struct guard_verdict v;
            int64_t classes[CHANGE_CLASSES_N], people = 0, not_asked = 0;
            int64_t now = moment(l, day, slot);
            memcpy(classes, s->classes, sizeof classes);
            if (slot == 0 && strike(l, d, day - from_day, known, classes, &people, &not_asked)) {
                ret->stopped = true;
                return;
            }
            if (is_nothing(classes) && not_asked == 0)
                continue;
            verdict_on(l, now, classes, not_asked, &v);
            if (is_about(&v, d, slot)) {
                ret->stopped = true;
                return;
            }
            apply(l, now, classes, v.held ? &v : NULL);
            ret->affected += people;
        }
}

/* Too many, whoever was asked afterwards: more than a fifth, and more than a handful. */
static bool is_let_through(const struct fate *f) {
    return !f->stopped || (f->affected > 10 && f->affected * 5 > f->population);
}

/* ---- all of them ---- */

struct fates {
    int64_t tried, at_once, let_through[SIZES_N];
    double *shares; /* affected before it was stopped, % of the people */
    size_t shares_n;
    int64_t most_people;
};
struct tally {
    int64_t companies[SIZES_N], holds[SIZES_N], upheavals[SIZES_N], over_target[SIZES_N];
    int64_t most_holds[SIZES_N];
    int64_t why[SIZES_N][CHANGE_CLASSES_N][GUARD_WINDOWS_N];
    struct fates *fates; /* beside disasters */
};

static void add_year(struct tally *t, const struct life *l) {
    int s = size_class(l->c->size);
    t->companies[s]++;
    t->holds[s] += l->holds;
    t->upheavals[s] += l->upheaval_holds;
    t->over_target[s] += l->holds > TARGET_HOLDS;
    t->most_holds[s] = l->holds > t->most_holds[s] ? l->holds : t->most_holds[s];
    for (int k = 0; k < CHANGE_CLASSES_N; k++)
        for (int w = 0; w < GUARD_WINDOWS_N; w++)
            t->why[s][k][w] += l->why[k][w];
}

static void add_fate(struct fates *f, const struct fate *fate, int64_t size) {
    f->tried++;
    if (is_let_through(fate))
        f->let_through[size_class(size)]++;
    f->at_once += fate->stopped && fate->affected == 0;
    f->shares[f->shares_n++] = 100 * (double)fate->affected / (double)fate->population;
    f->most_people = fate->affected > f->most_people ? fate->affected : f->most_people;
}

static void begin(struct life *l, struct company *c, const struct guard_limits *limits,
                  uint64_t seed, uint64_t stream) {
    *l = (struct life){ .limits = limits, .c = c, .population = c->size };
    rng_init(&l->rng, seed, stream);
}

static void one_company(uint64_t seed, int64_t number, const struct guard_limits *limits,
                        struct tally *t) {
    struct company c;
    struct life l;
    struct rng r;
    rng_init(&r, seed, (uint64_t)number);
    company_make(&c, &r, company_size(&r, 10, 20000));
    begin(&l, &c, limits, seed, (uint64_t)number);
    live(&l, ALL_DAYS);
    add_year(t, &l);
    mem_free(l.past);
    int from_day = BEFORE_DAYS + (int)rng_below(&r, YEAR_DAYS - 61);
    while (!company_is_working_day(from_day))
        from_day++;
    for (size_t d = 0; d < disasters_n; d++) {
        struct fate fate;
        begin(&l, &c, limits, seed, (uint64_t)number);
        live(&l, from_day);
        suffer(&l, &disasters[d], from_day, &fate);
        add_fate(&t->fates[d], &fate, c.size);
        mem_free(l.past);
    }
    company_done(&c);
}

/* ---- tables ---- */

static int by_value(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static int64_t sum(const int64_t *n) {
    int64_t all = 0;
    for (int s = 0; s < SIZES_N; s++)
        all += n[s];
    return all;
}

static void print_years(const struct tally *t) {
    puts(
        "Ordinary years: how often a person was asked\n\n"
        "people            companies  asked a year  of it upheavals  most in a year  over 4 a year");
    for (int s = 0; s < SIZES_N; s++) {
        double n = t->companies[s] > 0 ? (double)t->companies[s] : 1;
        printf("%-17s %9lld %13.2f %16.2f %15lld %13.1f %%\n", sizes[s].name,
               (long long)t->companies[s], (double)t->holds[s] / n, (double)t->upheavals[s] / n,
               (long long)t->most_holds[s], 100 * (double)t->over_target[s] / n);
    }
    double n = (double)sum(t->companies);
    printf("%-17s %9lld %13.2f %16.2f %15s %13.1f %%\n", "all", (long long)sum(t->companies),
           (double)sum(t->holds) / n, (double)sum(t->upheavals) / n, "",
           100 * (double)sum(t->over_target) / n);
}

/* Questions a year and company, by what was over its limit: run / 24 hours / 30 days. */
static void print_why(const struct tally *t) {
    puts("\nWhy: questions a year in which this limit was passed (one run / 24 hours / 30 days)\n");
    printf("%-12s", "");
    for (int s = 0; s < SIZES_N; s++)
        printf("  %-18s", sizes[s].name);
    putchar('\n');
    for (int k = 0; k < CHANGE_OTHER; k++) {
        printf("%-12s", change_class_name((enum change_class)k));
        for (int s = 0; s < SIZES_N; s++) {
            double n = t->companies[s] > 0 ? (double)t->companies[s] : 1;
            printf("  %4.2f / %4.2f / %4.2f", (double)t->why[s][k][GUARD_RUN] / n,
                   (double)t->why[s][k][GUARD_DAY] / n, (double)t->why[s][k][GUARD_MONTH] / n);
        }
        putchar('\n');
    }
}

static void print_fates(struct tally *t) {
    puts(
        "\nDisasters: whom they reached before a person was asked\n\n"
        "disaster                                tried  at once  median  95 of 100  worst   most people  let through");
    for (size_t d = 0; d < disasters_n; d++) {
        struct fates *f = &t->fates[d];
        qsort(f->shares, f->shares_n, sizeof *f->shares, by_value);
        size_t last = f->shares_n - 1;
        printf("%-39s %5lld %8lld %5.1f %% %8.1f %% %5.1f %% %12lld %11lld", disasters[d].name,
               (long long)f->tried, (long long)f->at_once, f->shares[last / 2],
               f->shares[last * 95 / 100], f->shares[last], (long long)f->most_people,
               (long long)sum(f->let_through));
        if (sum(f->let_through) > 0) {
            fputs("  (", stdout);
            for (int s = 0; s < SIZES_N; s++)
                printf("%s%lld", s > 0 ? ", " : "", (long long)f->let_through[s]);
            fputs(" by size)", stdout);
        }
        putchar('\n');
    }
}

static int64_t all_let_through(const struct tally *t) {
    int64_t n = 0;
    for (size_t d = 0; d < disasters_n; d++)
        n += sum(t->fates[d].let_through);
    return n;
}

static bool say(bool is_so, const char *what) {
    printf("%s - %s\n", is_so ? "ok" : "not ok", what);
    return is_so;
}

/* ---- main ---- */

struct options {
    int64_t companies;
    uint64_t seed;
    bool sample, control;
    struct guard_limits limits;
};

static bool read_options(int argc, char **argv, struct options *ret) {
    static const struct option longs[] = {
        { "companies", required_argument, NULL, 'n' }, { "seed", required_argument, NULL, 's' },
        { "limits", required_argument, NULL, 'l' },    { "sample", no_argument, NULL, 't' },
        { "control", no_argument, NULL, 'c' },         { 0 }
    };
    struct rc_error err = { 0 };
    *ret = (struct options){ .companies = 1000, .seed = 1, .limits = guard_usual };
    for (int o; (o = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        switch (o) {
        case 'n': ret->companies = strtoll(optarg, NULL, 10); break;
        case 's': ret->seed = strtoull(optarg, NULL, 10); break;
        case 't': ret->sample = true; break;
        case 'c': ret->control = true; break;
        case 'l':
            if (guard_limits_read(text_of(optarg), &ret->limits, &err) == RC_OK)
                break;
            fprintf(stderr, "guard-years: %s\n", err.text);
            return false;
        default: return false;
        }
    }
    return ret->companies >= 1;
}

static void live_all(const struct options *o, struct tally *t) {
    t->fates = mem_zalloc(disasters_n * sizeof *t->fates);
    for (size_t d = 0; d < disasters_n; d++)
        t->fates[d].shares = mem_zalloc((size_t)o->companies * sizeof(double));
    for (int64_t i = 1; i <= o->companies; i++)
        one_company(o->seed, i, &o->limits, t);
}

static void tally_done(struct tally *t) {
    for (size_t d = 0; d < disasters_n; d++)
        mem_free(t->fates[d].shares);
    mem_free(t->fates);
}

int main(int argc, char **argv) {
    struct tally t = { 0 };
    struct options o;
    if (!read_options(argc, argv, &o))
        return 2;
    live_all(&o, &t);
    print_years(&t);
    print_why(&t);
    print_fates(&t);
    double asked = (double)sum(t.holds) / (double)o.companies;
    int64_t through = all_let_through(&t);
    printf(
        "\nquestions a company and year: %.2f (at most %d); disasters let through: %lld of %lld\n",
        asked, TARGET_HOLDS, (long long)through, (long long)(o.companies * (int64_t)disasters_n));
    tally_done(&t);
    if (o.control)
        return say(through > 0, "without the guard disasters go through") ? 0 : 1;
    bool few = asked <= TARGET_HOLDS, none = through == 0;
    if (o.sample) {
        say(few, "an ordinary year asks four questions at most");
        say(none, "no disaster goes through unasked");
    }
    return few && none ? 0 : 1;
}
