#include "tests/base/helper.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include "tests/people/holds.h"
#include "tests/people/maker.h"

/* ROLLCALL_MAPPINGS says how many, ROLLCALL_EXPRESSIONS of those with one rule, ROLLCALL_SEED
 * which. */
static unsigned how_many(const char *name, unsigned usual) {
    const char *s = getenv(name);
    return s != NULL ? (unsigned)strtoul(s, NULL, 10) : usual;
}

static void run(bool spoils, unsigned mappings_n, unsigned people_n) {
    struct maker m = { .depth = 0 };
    struct arena a;
    unsigned sound = 0;
    rng_init(&m.rng, how_many("ROLLCALL_SEED", 2026), spoils);
    buf_init(&m.out, 1 << 20);
    arena_init(&a);
    for (unsigned i = 0; i < mappings_n; i++) {
        const struct mapping *mapping = NULL;
        struct mapping_findings f;
        maker_mapping(&m);
        if (spoils)
            maker_spoil(&m);
        struct text source = text_from(m.out.ptr, m.out.len);
        enum rc_code rc = mapping_parse(source, NULL, &a, &mapping, &f, NULL);
        const char *broken = holds_findings(source, rc, &f);
        if (broken == NULL && rc == RC_OK)
            broken = holds_mapping(mapping, &m.rng, people_n);
        if (broken != NULL) { /* cmocka cuts long messages */
            fprintf(stderr, "%.*s\n", TEXT_ARG(source));
            fail_msg("mapping %u: %s", i, broken);
        }
        for (size_t k = 0; k < f.n && !spoils; k++)
            if (f.list[k].severity == MAPPING_ERROR &&
                strcmp(f.list[k].code, "excludes-everybody") != 0) /* by chance */
                fail_msg("mapping %u, line %u: %s", i, f.list[k].line, f.list[k].sentence);
        sound += rc == RC_OK;
        arena_reset(&a);
    }
    print_message("%u of %u mappings sound\n", sound, mappings_n);
    assert_true(spoils ? sound < mappings_n : sound > mappings_n / 2);
    buf_done(&m.out);
    arena_done(&a);
}

static void sound_mappings_hold_what_they_promise(void **state) {
    (void)state;
    run(false, how_many("ROLLCALL_MAPPINGS", 600), 12);
}

static void spoiled_mappings_say_where(void **state) {
    (void)state;
    run(true, how_many("ROLLCALL_MAPPINGS", 3000), 2);
}

/* Half of them spoiled, some of those more than once. */
static void expressions_end_or_say_where(void **state) {
    unsigned n = how_many("ROLLCALL_EXPRESSIONS", 2000), parsed = 0, evaluated = 0;
    struct maker m = { .depth = 0 };
    struct arena a;
    (void)state;
    rng_init(&m.rng, how_many("ROLLCALL_SEED", 2026), 7);
    buf_init(&m.out, 1 << 20);
    arena_init(&a);
    for (unsigned i = 0; i < n; i++) {
        const struct mapping *mapping = NULL;
        struct mapping_findings f;
        maker_expression(&m);
        for (uint32_t k = i % 2 == 0 ? 0 : 1 + rng_below(&m.rng, 3); k > 0; k--)
            maker_spoil(&m);
        struct text source = text_from(m.out.ptr, m.out.len);
        enum rc_code rc = mapping_parse(source, NULL, &a, &mapping, &f, NULL);
        const char *broken = holds_findings(source, rc, &f);
        if (broken == NULL && rc == RC_OK)
            broken = holds_mapping(mapping, &m.rng, 2);
        if (broken != NULL) {
            fprintf(stderr, "%.*s\n", TEXT_ARG(source));
            fail_msg("expression %u: %s", i, broken);
        }
        parsed += rc == RC_OK;
        evaluated += rc == RC_OK ? 2 : 0;
        arena_reset(&a);
    }
    print_message("%u expressions: %u parsed, %u refused with a place, %u people\n", n, parsed,
                  n - parsed, evaluated);
    assert_in_range(parsed, n / 3, n - n / 20); /* both ways were taken */
    buf_done(&m.out);
    arena_done(&a);
}

/* What this test rests on: whoever looks at what is not read is found out. */
static void look_at_poison(void) {
    struct arena a;
    signal(SIGSEGV, SIG_DFL); /* cmocka would take it for a failed test, and go on */
    arena_init(&a);
    const struct mapping *narrow = mapping_default(&a);
    struct mapping_findings f;
    const struct mapping *wide = NULL;
    if (mapping_parse(TEXT_LIT("custom.a = upper(employment_type)"), NULL, &a, &wide, &f, NULL) ==
        RC_OK) {
        struct employee_reads reads = mapping_reads(narrow);
        struct employee e;
        struct user u;
        employee_begin(&e, &reads, &a);
        e.fields[EMPLOYEE_EMPLOYMENT_TYPE].text =
            (struct text){ TEXT_SET, (const char *)(uintptr_t)16, 1000 };
        mapping_build(wide, &e, NULL, &a, &u, NULL);
    }
    arena_done(&a);
}

static void who_looks_at_more_than_is_read_is_found_out(void **state) {
    char said[4000];
    (void)state;
    assert_int_not_equal(stderr_of(look_at_poison, said, sizeof said), 0);
}

/* For script/prove mapping, which tries them on a company: so many sound ones of that seed, every
 * other one of a single rule, each with a NUL behind it. */
static int print_mappings(unsigned mappings_n, unsigned seed) {
    struct maker m = { .depth = 0 };
    struct arena a;
    rng_init(&m.rng, seed, 11);
    buf_init(&m.out, 1 << 20);
    arena_init(&a);
    for (unsigned printed = 0; printed < mappings_n; arena_reset(&a)) {
        const struct mapping *mapping;
        printed % 2 == 0 ? maker_mapping(&m) : maker_expression(&m);
        if (mapping_parse(text_from(m.out.ptr, m.out.len), NULL, &a, &mapping, NULL, NULL) != RC_OK)
            continue;
        fwrite(m.out.ptr, 1, m.out.len + 1, stdout);
        printed++;
    }
    buf_done(&m.out);
    arena_done(&a);
    return ferror(stdout) != 0;
}

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "print") == 0)
        return print_mappings((unsigned)strtoul(argv[2], NULL, 10),
                              (unsigned)strtoul(argv[3], NULL, 10));
    if (argc == 2)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_mappings_hold_what_they_promise),
        cmocka_unit_test(spoiled_mappings_say_where),
        cmocka_unit_test(expressions_end_or_say_where),
        cmocka_unit_test(who_looks_at_more_than_is_read_is_found_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
