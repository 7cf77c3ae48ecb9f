/* Whoever works in HR is open in the directory, whatever HR's answers look like; and the negative
 * controls: built without the proof of completeness, without the guard or without the look-up
 * (docs/invariants.md), the scenario that this protection is for must find somebody harmed. */
#include <stdio.h>
#include "tests/sync/world.h"

enum protection { PROOF, GUARD, LOOKUP };
#if defined(ROLLCALL_WITHOUT_PROOF)
enum { WITHOUT = PROOF };
#elif defined(ROLLCALL_WITHOUT_GUARD)
enum { WITHOUT = GUARD };
#elif defined(ROLLCALL_WITHOUT_LOOKUP)
enum { WITHOUT = LOOKUP };
#else
enum { WITHOUT = -1 };
#endif

enum { PEOPLE = 40 };

/* The last n people are in none of HR's answers, although they work there. */
static void vanish(struct world *w, int n) {
    w->hr.total_scripted = true;
    w->hr.total = PEOPLE;
    w->hr.people_n = (size_t)(PEOPLE - n);
}

/* A page got lost, and so did whoever is on it for whoever asks by id; the number is still right.
 * It is one person, whom the guard alone would let go. */
static void a_lost_page(struct world *w) {
    vanish(w, 1);
}

/* The list ends early, and nobody says how many there should be. */
static void no_number(struct world *w) {
    vanish(w, 1);
    w->hr.total = -1;
}

/* The list has a row twice and lacks another one: as many rows as people. */
static void a_row_twice(struct world *w) {
    static size_t rows[PEOPLE];
    static struct memory_page page;
    for (size_t i = 0; i < PEOPLE; i++)
        rows[i] = i;
    rows[PEOPLE - 1] = 0;
    page = (struct memory_page){ rows, PEOPLE, PEOPLE, SOURCE_END_DECLARED };
    w->hr.pages = &page;
    w->hr.pages_n = 1;
    w->not_found[0] = "40";
}

/* A filter in HR: seven of forty are gone from the list, the number and everything that can be
 * asked. */
static void a_filter(struct world *w) {
    vanish(w, 7);
    w->hr.total = PEOPLE - 7;
}

/* The credential was narrowed to all but two, and its rights read as before: as few as may leave,
 * and HR's own word that it does not know them. */
static void a_narrowed_credential(struct world *w) {
    vanish(w, 2);
    w->hr.total = PEOPLE - 2;
}

/* The list lacks somebody and declares itself complete; they can be got by id. */
static void a_list_that_lacks_somebody(struct world *w) {
    vanish(w, 1);
    w->hr.total = PEOPLE - 1;
    w->hr.only_get = w->people + PEOPLE - 1;
    w->hr.only_get_n = 1;
}

static const struct row {
    const char *name;
    enum protection by;
    void (*happens)(struct world *w);
} rows[] = {
    { "a lost page", PROOF, a_lost_page },
    { "a list cut short without a number", PROOF, no_number },
    { "one row twice in place of another", PROOF, a_row_twice },
    { "a filter that hides more than may leave", GUARD, a_filter },
    { "a credential narrowed to nearly all", GUARD, a_narrowed_credential },
    { "a list that lacks somebody who can be got by id", LOOKUP, a_list_that_lacks_somebody },
};

static int victims(struct world *w) {
    int n = 0;
    for (int i = 1; i <= PEOPLE; i++) {
        const char *l = world_lifecycle(w, arena_printf(&w->bed->a, "%d", i));
        n += strcmp(l, "active") != 0;
    }
    return n;
}

static void nobody_is_harmed_or_without_its_protection_somebody_is(void **state) {
    struct world *w = *state;
    const struct row *row = w->row;
    world_begin(w, PEOPLE);
    assert_int_equal(victims(w), 0);
    row->happens(w);
    for (int i = 0; i < 3; i++) { /* silence does not become true by being repeated */
        struct import_options o = { .clock = &w->clock, .source = &w->hr.ops };
        struct integration in;
        struct run r;
        OK(integration_get(w->bed->st, w->bed->company_id, w->bed->in.integration_id, w->bed->key,
                           &w->bed->a, &in, &why));
        clock_fake_move(&w->fake, DAY_US);
        import_run(w->bed->st, w->bed->key, &w->company, &in, &o, &w->bed->a, &r, &w->err);
        assert_true(r.state != RUN_LISTING && r.state != RUN_CHECKING && r.state != RUN_PASSED);
    }
    if ((int)row->by == WITHOUT)
        assert_true(victims(w) > 0);
    else
        assert_int_equal(victims(w), 0);
}

int main(int argc, char **argv) {
    static struct CMUnitTest tests[RC_LEN(rows)];
    size_t n = 0;
    for (size_t i = 0; i < RC_LEN(rows); i++)
        if (WITHOUT == -1 || (int)rows[i].by == WITHOUT)
            tests[n++] =
                (struct CMUnitTest){ .name = rows[i].name,
                                     .setup_func = world_make,
                                     .teardown_func = world_remove,
                                     .test_func =
                                         nobody_is_harmed_or_without_its_protection_somebody_is,
                                     .initial_state = (void *)(uintptr_t)&rows[i] };
    return place_run("victims", tests, n, argc, argv);
}
