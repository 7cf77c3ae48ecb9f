/* mapping.c - what a person costs: each kind of expression, the default mapping, and one of thirty
 * rules, beside the baseline: reading the person's stored row, which nobody can do without.
 *
 *     mapping [ROUNDS]
 *
 * Measured is the CPU time of the one thread, in nanoseconds: medians of ROUNDS rounds (15), and the
 * lowest and highest beside them. An expression is measured by thirty-two fields that have it, less
 * a mapping without them. The last line is JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "people/digest.h"
#include "people/mapping.h"
#include "people/problem.h"
#include "people/stored.h"

enum { ROUNDS_MAX = 101, PEOPLE = 4000, COPIES = 32 };

static struct arena lasting, person;
static unsigned rounds_n = 15;
static size_t sum; /* of what came out: nothing may be left out as unused */

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* other programs do not count */
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

struct timing {
    double median, lowest, highest; /* of one person */
};

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static struct timing measure(void (*once)(void *), void *of) {
    double ns[ROUNDS_MAX];
    for (int i = 0; i < PEOPLE; i++)
        once(of); /* caches and the arena's block are warm then */
    for (unsigned r = 0; r < rounds_n; r++) {
        double began = now_ns();
        for (int i = 0; i < PEOPLE; i++)
            once(of);
        ns[r] = (now_ns() - began) / PEOPLE;
    }
    qsort(ns, rounds_n, sizeof *ns, by_size);
    return (struct timing){ ns[rounds_n / 2], ns[0], ns[rounds_n - 1] };
}

/* ---- the person ---- */

static void put(struct employee *e, enum employee_field f, const char *value) {
    employee_put(e, f, &lasting, value, strlen(value));
}

static void put_group(struct employee *e, enum employee_field f, const char *id, const char *name) {
    employee_put_group(e, f, &lasting, text_of(id), name, strlen(name));
}

static struct employee somebody(const struct mapping *m) {
    struct employee_reads reads = mapping_reads(m);
    struct employee e;
    employee_begin(&e, &reads, &lasting);
    employee_put_id(&e, &lasting, "4711", 4, NULL);
    put(&e, EMPLOYEE_FIRST_NAME, "Mira");
    put(&e, EMPLOYEE_LAST_NAME, "Okafor-M\xc3\xbcller");
    put(&e, EMPLOYEE_PREFERRED_NAME, "Mimi Okafor");
    put(&e, EMPLOYEE_EMAIL, "mira.okafor@nordkap.example");
    put(&e, EMPLOYEE_STATUS, "active");
    put(&e, EMPLOYEE_JOB_TITLE, "Senior Shift Lead");
    put(&e, EMPLOYEE_SUPERVISOR, "4002");
    put_group(&e, EMPLOYEE_DEPARTMENT, "903", "Logistics");
    put_group(&e, EMPLOYEE_TEAM, "77", "Night shift");
    put_group(&e, EMPLOYEE_OFFICE, "5120", "Bremen");
    put_group(&e, EMPLOYEE_LEGAL_ENTITY, "81", "Nordkap Sued GmbH");
    put_group(&e, EMPLOYEE_COST_CENTRE, "31", "4400 - Bremen");
    put(&e, EMPLOYEE_EMPLOYMENT_TYPE, "internal");
    put(&e, EMPLOYEE_HIRE_DATE, "2021-04-01");
    put(&e, EMPLOYEE_TERMINATION_DATE, "2027-03-31");
    put(&e, EMPLOYEE_LAST_WORKING_DAY, "2027-03-12");
    put(&e, EMPLOYEE_AVATAR, "https://api.example/v1/company/employees/4711/profile-picture");
    for (size_t i = 0; i < e.custom_n; i++)
        employee_put_custom(&e, i, &lasting, "2026-11-23", 10);
    return e;
}

/* ---- what is measured ---- */

struct subject {
    const struct mapping *m;
    struct employee e;
};

static void build(void *of) {
    const struct subject *s = of;
    struct user u;
    struct mapping_outcome outcome;
    arena_reset(&person);
    mapping_build(s->m, &s->e, NULL, &person, &u, &outcome);
    sum += problem_find(&s->e, &u, &outcome) + u.fields[USER_EMAIL].len + u.custom_n;
}

static struct subject subject_of(struct text text) {
    struct subject s;
    struct rc_error err = { 0 };
    if (mapping_parse(text, NULL, &lasting, &s.m, NULL, &err) != RC_OK) {
        fprintf(stderr, "mapping: %s\n", err.text);
        exit(1);
    }
    s.e = somebody(s.m);
    return s;
}

struct row {
    struct json_reader *employee_reader, *user_reader;
    struct buf employee, user;
};

static void read_row(void *of) {
    struct row *r = of;
    struct employee e;
    struct user u;
    json doc;
    arena_reset(&person);
    if (json_parse_copy(r->employee_reader, r->employee.ptr, r->employee.len, &doc, NULL) !=
            RC_OK ||
        stored_employee_read(doc, &person, &e, NULL) != RC_OK ||
        json_parse_copy(r->user_reader, r->user.ptr, r->user.len, &doc, NULL) != RC_OK ||
        stored_user_read(doc, &person, &u, NULL) != RC_OK)
        abort();
    sum += u.fields[USER_EMAIL].len;
}

static struct timing measure_row(struct subject *s) {
    struct row r = { json_reader_new(1 << 20), json_reader_new(1 << 20) };
    struct user u;
    mapping_build(s->m, &s->e, NULL, &lasting, &u, NULL);
    buf_init(&r.employee, 1 << 20);
    buf_init(&r.user, 1 << 20);
    stored_employee_write(&s->e, &r.employee);
    stored_user_write(&u, &r.user);
    struct timing t = measure(read_row, &r);
    buf_done(&r.employee);
    buf_done(&r.user);
    json_reader_free(r.employee_reader);
    json_reader_free(r.user_reader);
    return t;
}

static const char *const expressions[] = {
    "job_title",
    "\"constant\"",
    "custom(\"a\")",
    "office.id",
    "preferred_name ?? first_name",
    "first_name + \" \" + last_name",
    "if employment_type == \"external\" then \"External\" else \"Staff\"",
    "if office in [\"Berlin\", \"Bremen\", \"Kiel\", \"Ulm\"] then \"north\" else \"south\"",
    "if hire_date < 2022-01-01 and not is_empty(team) then \"old\" else \"new\"",
    "lower(job_title)",
    "upper(last_name)",
    "left(last_name, 8)",
    "before(cost_centre, \"-\")",
    "part(job_title, \" \", -1)",
    "replace(job_title, \"Lead\", \"Leader\")",
    "join(\", \", job_title, department, office)",
    "if contains(job_title, \"Lead\") then \"yes\" else \"no\"",
    "lookup(office, languages)",
    "earliest(termination_date, last_working_day)",
    "add_days(hire_date, 90)",
    "date(custom(\"a\"))",
    "upper(before(cost_centre, \"-\")) + \"/\" + (lookup(office, languages) ?? \"en\")",
};

static const char tables[] =
    "\ntable languages { \"Berlin\" = \"de\", \"Bremen\" = \"de\", \"Kiel\" "
    "= \"de\", \"Lyon\" = \"fr\", \"Oslo\" = \"no\", \"Paris\" = \"fr\" }\n";

static struct text with_copies(const char *expression) {
    struct buf b;
    buf_init(&b, MAPPING_TEXT_BYTES);
    for (int i = 0; i < COPIES; i++)
        buf_printf(&b, "custom.f%d = %s\n", i, expression);
    buf_str(&b, tables);
    struct text t = text_copy(&lasting, text_from(b.ptr, b.len));
    buf_done(&b);
    return t;
}

/* Thirty rules of the kinds that people ask for. */
static struct text thirty(void) {
    struct buf b;
    buf_init(&b, MAPPING_TEXT_BYTES);
    buf_str(&b, "first_name = part(preferred_name, \" \", 1) ?? first_name\n"
                "email = email ?? custom(\"a\")\n"
                "primary_team = team ?? department\n"
                "secondary_teams = [department, cost_centre]\n"
                "language = lookup(office, languages) ?? \"en\"\n"
                "leave_date = earliest(termination_date, last_working_day)\n"
                "exclude when employment_type == \"external\" or legal_entity in [\"ACME Old\"]\n"
                "include when custom(\"a\") != \"no\"\n");
    for (size_t i = 0; i < sizeof expressions / sizeof *expressions; i++)
        buf_printf(&b, "custom.f%zu = %s\n", i, expressions[i]);
    buf_str(&b, tables);
    struct text t = text_copy(&lasting, text_from(b.ptr, b.len));
    buf_done(&b);
    return t;
}

static void print_timing(const char *name, struct timing t) {
    printf("%8.0f ns  (%.0f to %.0f)  %s\n", t.median, t.lowest, t.highest, name);
}

int main(int argc, char **argv) {
    if (argc > 1)
        rounds_n = (unsigned)strtoul(argv[1], NULL, 10);
    if (rounds_n < 1 || rounds_n > ROUNDS_MAX) {
        fputs("usage: mapping [ROUNDS]\n", stderr);
        return 2;
    }
    arena_init(&lasting);
    arena_init(&person);
    struct subject plain = subject_of(TEXT_NONE), many = subject_of(thirty());
    struct timing by_default = measure(build, &plain), by_thirty = measure(build, &many),
                  row = measure_row(&many);
    double dearest = 0;
    printf("a person:\n");
    print_timing("the default mapping, with problems", by_default);
    print_timing("thirty rules, two filters, with problems", by_thirty);
    print_timing("baseline: reading the stored row (employee and user)", row);
    printf("one expression:\n");
    for (size_t i = 0; i < sizeof expressions / sizeof *expressions; i++) {
        struct subject s = subject_of(with_copies(expressions[i]));
        struct timing t = measure(build, &s);
        t.median = (t.median - by_default.median) / COPIES;
        t.lowest = (t.lowest - by_default.median) / COPIES;
        t.highest = (t.highest - by_default.median) / COPIES;
        print_timing(expressions[i], t);
        dearest = t.median > dearest ? t.median : dearest;
    }
    printf("{\"default_ns\":%.0f,\"thirty_rules_ns\":%.0f,\"stored_row_ns\":%.0f,"
           "\"dearest_expression_ns\":%.0f,\"sum\":%zu}\n",
           by_default.median, by_thirty.median, row.median, dearest, sum);
    arena_done(&lasting);
    arena_done(&person);
    return 0;
}
