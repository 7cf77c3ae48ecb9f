/* What a run would do, as the person sees it who decides: in sections and parts, with names. */
#include <stdio.h>
#include "tests/sync/world.h"
#include "sync/review.h"

static const struct group_row {
    const char *name;
    enum change_class class;
    const char *field;
    enum review_group want;
} groups[] = {
    { "somebody new", CHANGE_JOINS, "*", REVIEW_JOINS },
    { "somebody who comes back", CHANGE_JOINS, "lifecycle", REVIEW_RETURNS },
    { "somebody who had left before", CHANGE_OTHER, "*", REVIEW_ARRIVED },
    { "a leaver", CHANGE_LEAVERS, "lifecycle", REVIEW_LEAVERS },
    { "somebody gone unannounced", CHANGE_UNANNOUNCED, "lifecycle", REVIEW_UNANNOUNCED },
    { "an address", CHANGE_EMAIL, "email", REVIEW_EMAIL },
    { "a value emptied", CHANGE_CLEARED, "job_title", REVIEW_CLEARED },
    { "another job title", CHANGE_OTHER, "job_title", REVIEW_OTHER },
    { "leave that begins", CHANGE_OTHER, "lifecycle", REVIEW_OTHER },
};

static void a_change_has_its_section(void **state) {
    const struct group_row *r = ((struct world *)*state)->row;
    assert_int_equal(review_group_of(r->class, text_of(r->field)), r->want);
}

static void sections_have_words_that_are_never_shared(void **state) {
    (void)state;
    for (int g = 0; g < REVIEW_GROUPS_N; g++)
        for (int h = 0; h < g; h++) {
            assert_string_not_equal(review_group_name((enum review_group)g),
                                    review_group_name((enum review_group)h));
            assert_string_not_equal(review_group_title((enum review_group)g),
                                    review_group_title((enum review_group)h));
        }
}

/* "leavers 3 over: Dock[7 11] Yard[12]" - a line a section, people by id, in the order shown. */
static char *laid_out(struct world *w, const struct run *r) {
    struct review review;
    struct buf b;
    OK(review_build(w->bed->st, r, 1000, &w->bed->a, &review, &why));
    buf_init(&b, 100000);
    for (size_t s = 0; s < review.sections_n; s++) {
        const struct review_section *section = &review.sections[s];
        buf_printf(&b, "%s %lld%s:", review_group_name(section->group),
                   (long long)section->people_n, section->is_over ? " over" : "");
        for (size_t p = 0; p < section->parts_n; p++) {
            const struct review_part *part = &section->parts[p];
            buf_printf(&b, " %.*s[", TEXT_ARG(part->title));
            for (size_t i = 0; i < part->people_n; i++) {
                const struct review_person *who = &part->people[i];
                buf_printf(&b, "%s%.*s", i > 0 ? " " : "", TEXT_ARG(who->changes[0].is->source_id));
                for (size_t k = 1; k < who->changes_n; k++)
                    buf_str(&b, "+");
            }
            buf_str(&b, "]");
        }
        buf_str(&b, "\n");
    }
    char *s = arena_str(&w->bed->a, b.ptr != NULL ? b.ptr : "", b.len);
    buf_done(&b);
    return s;
}

static void everything_at_once(struct world *w) {
    world_begin(w, 20);
    for (int i = 11; i <= 14; i++)
        world_put(w, arena_printf(&w->bed->a, "%d", i), "status=inactive");
    world_put(w, "14", "department=Yard#10"); /* leaves from the Dock all the same */
    world_put(w, "2", "email=p2@y.org");
    world_put(w, "3", "email=p3@y.org");
    world_put(w, "4", "email=p4@z.org");
    world_put(w, "5", "first_name=Mira");
    world_put(w, "5", "last_name=Meyer");
    world_put(w, "6", "department=Yard#10");
    world_put(w, "7", "supervisor=21"); /* who joins with this run */
    world_put(w, "8", "supervisor=99"); /* whom nobody knows */
    world_put(w, "9", "job_title=");
    world_put(w, "9", "office=");
    world_put(w, "10", "job_title=");
    world_put(w, "15", "termination_date=2027-01-31");
    world_put(w, "16", "office=Kiel#6");
    world_add(w, "21");
    world_put(w, "21", "department=Yard#10");
}

static void all_that_a_run_would_do_is_laid_out(void **state) {
    struct world *w = *state;
    everything_at_once(w);
    struct run r = world_import(w);
    assert_state(&r, RUN_HELD);
    assert_string_equal(laid_out(w, &r),
                        "leavers 4 over: Dock[11+ 12+ 13+ 14+]\n"
                        "joins 1: Yard[21]\n"
                        "email 3: x.org -> y.org[2 3] x.org -> z.org[4]\n"
                        "name 1: [5+]\n"
                        "team 2: Dock -> Yard[14 6]\n"
                        "manager 2: to 99 (nobody we know)[8] to First21 Last21 (21)[7]\n"
                        "location 1: Bremen -> Kiel[16]\n"
                        "leave_date 1: set[15]\n"
                        "cleared 2: job_title[10 9] primary_location[9]\n"
                        "other 1: lifecycle[15]\n");
}

static void teams_and_managers_are_named(void **state) {
    struct world *w = *state;
    struct review review;
    everything_at_once(w);
    struct run r = world_import(w);
    OK(review_build(w->bed->st, &r, 1000, &w->bed->a, &review, &why));
    for (size_t s = 0; s < review.sections_n; s++) {
        const struct review_change *c = &review.sections[s].parts[0].people[0].changes[0];
        if (review.sections[s].group == REVIEW_TEAM) {
            assert_true(text_is(c->old, "Dock") && text_is(c->new, "Yard"));
            assert_true(text_is(c->is->old, "department:9"));
        } else if (review.sections[s].group == REVIEW_MANAGER) {
            assert_true(text_is(c->old, "First1 Last1 (1)"));
            assert_true(text_is(c->new, "99 (nobody we know)"));
        }
    }
}

static void why_it_is_held_comes_with_numbers(void **state) {
    struct world *w = *state;
    struct review review;
    everything_at_once(w);
    struct run r = world_import(w);
    OK(review_build(w->bed->st, &r, 1000, &w->bed->a, &review, &why));
    assert_int_equal(review.reasons_n, 1);
    assert_true(text_is(review.reasons[0], "4 people leaving: the limit for one run is 3"));
    assert_int_equal(review.changes_n, 24);
}

static void a_first_import_is_joiners_by_team(void **state) {
    struct world *w = *state;
    struct review review;
    world_fill(w, 5);
    world_put(w, "2", "department=Yard#10");
    world_put(w, "3", "department=");
    world_put(w, "4", "status=inactive");
    struct run r = world_import(w);
    assert_string_equal(laid_out(w, &r), "joins 4: Dock[1 5] Yard[2] without a team[3]\n"
                                         "arrived-left 1: Dock[4]\n");
    OK(review_build(w->bed->st, &r, 1000, &w->bed->a, &review, &why));
    assert_int_equal(review.reasons_n, 1);
    assert_says(review.reasons[0], "a first import has its own approval: 5 people would join");
}

static void who_is_gone_without_a_word_and_who_comes_back_stand_apart(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    world_put(w, "7", "status=inactive");
    world_import(w);
    world_put(w, "7", "status=active");
    world_drop(w, "9");
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_string_equal(laid_out(w, &r), "unannounced 1: Dock[9]\nreturns 1: Dock[7+]\n");
}

static void no_more_changes_come_than_are_asked_for(void **state) {
    struct world *w = *state;
    struct review review;
    everything_at_once(w);
    struct run r = world_import(w);
    OK(review_build(w->bed->st, &r, 3, &w->bed->a, &review, &why));
    assert_int_equal(review.changes_n, 3);
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[RC_LEN(groups) + 7] = {
        cmocka_unit_test(sections_have_words_that_are_never_shared),
        WORLD_TEST(all_that_a_run_would_do_is_laid_out),
        WORLD_TEST(teams_and_managers_are_named),
        WORLD_TEST(why_it_is_held_comes_with_numbers),
        WORLD_TEST(a_first_import_is_joiners_by_team),
        WORLD_TEST(who_is_gone_without_a_word_and_who_comes_back_stand_apart),
        WORLD_TEST(no_more_changes_come_than_are_asked_for),
    };
    size_t n = CHECK_LISTED(tests);
    WORLD_ROWS(tests, n, groups, a_change_has_its_section);
    return PLACE_RUN(tests, argc, argv);
}
