/* What a webhook says of itself: understood, or a hint without words. */
#include <string.h>
#include "tests/check.h"
#include "source/hint.h"

static const struct row {
    const char *name, *body, *event, *id;
    int64_t occurred_us;
} rows[] = {
    { "an event about a person",
      "{\"company_id\":\"1\",\"event_name\":\"person.updated\",\"occurred_at\":\"2026-09-15T11:40:00Z\","
      "\"payload\":{\"person\":{\"id\":\"4711\"}},\"meta\":{}}",
      "person.updated", "4711", INT64_C(1789472400000000) },
    { "an id alone, of a person", "{\"event_name\":\"person.created\",\"payload\":{\"id\":\"5\"}}",
      "person.created", "5", 0 },
    { "an id alone, of an employment, is nobody's",
      "{\"event_name\":\"employment.created\",\"payload\":{\"id\":\"5\"}}", "employment.created",
      NULL, 0 },
    { "an employment without a person",
      "{\"event_name\":\"employment.updated\",\"payload\":{\"employment\":{\"id\":\"6d0f\"}}}",
      "employment.updated", NULL, 0 },
    { "an employment with one",
      "{\"event_name\":\"employment.updated\",\"payload\":{\"person\":{\"id\":7},\"employment\":{\"id\":"
      "\"6d0f\"}}}",
      "employment.updated", "7", 0 },
    { "a name that nobody knows", "{\"event_name\":\"person.reincarnated\"}", "person.reincarnated",
      NULL, 0 },
    { "a time that is none", "{\"event_name\":\"ping\",\"occurred_at\":\"yesterday\"}", "ping",
      NULL, 0 },
    { "a time before there was any",
      "{\"event_name\":\"ping\",\"occurred_at\":\"1960-01-01T00:00:00Z\"}", "ping", NULL, 0 },
    { "members that nobody asked for", "{\"x\":[1,{}],\"event_name\":\"ping\",\"payload\":[]}",
      "ping", NULL, 0 },
    { "an id with a line break is none",
      "{\"event_name\":\"person.updated\",\"payload\":{\"person\":{\"id\":\"4\\n7\"}}}",
      "person.updated", NULL, 0 },
    { "a negative id is none",
      "{\"event_name\":\"person.updated\",\"payload\":{\"person\":{\"id\":-4}}}", "person.updated",
      NULL, 0 },
    { "nothing", "", NULL, NULL, 0 },
    { "no JSON", "<html>", NULL, NULL, 0 },
    { "cut off", "{\"event_name\":\"person.up", NULL, NULL, 0 },
    { "a list", "[]", NULL, NULL, 0 },
    { "null", "null", NULL, NULL, 0 },
    { "no name", "{\"payload\":{\"person\":{\"id\":\"4711\"}}}", NULL, NULL, 0 },
    { "a name that is a number", "{\"event_name\":7}", NULL, NULL, 0 },
    { "a name with a NUL", "{\"event_name\":\"a\\u0000b\"}", NULL, NULL, 0 },
    { "a name that is too long",
      "{\"event_name\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}",
      NULL, NULL, 0 },
    { "bytes that are no text", "{\"event_name\":\"\xff\"}", NULL, NULL, 0 },
};

static void the_hint_is_that_of_the_row(void **state) {
    const struct row *r = *state;
    struct arena a;
    struct hint h;
    arena_init(&a);
    hint_read_personio(r->body, strlen(r->body), &a, &h);
    assert_int_equal(h.understood, r->event != NULL);
    if (r->event != NULL)
        assert_true(text_is(h.name, r->event));
    else
        assert_int_equal(h.name.state, TEXT_MISSING);
    if (r->id != NULL)
        assert_true(text_is(h.source_id, r->id));
    else
        assert_int_equal(h.source_id.state, TEXT_MISSING);
    assert_int_equal(h.occurred_us, r->occurred_us);
    arena_done(&a);
}

static void a_body_over_the_limit_is_not_read(void **state) {
    struct arena a;
    struct hint h;
    size_t len = 70000;
    char *body = mem_alloc(len);
    (void)state;
    arena_init(&a);
    memset(body, ' ', len);
    memcpy(body, "{\"event_name\":\"ping\"}", 21);
    hint_read_personio(body, len, &a, &h);
    assert_false(h.understood);
    hint_read_personio(body, 60000, &a, &h);
    assert_true(h.understood);
    mem_free(body);
    arena_done(&a);
}

int main(void) {
    struct CMUnitTest tests[sizeof rows / sizeof *rows + 1] = { cmocka_unit_test(
        a_body_over_the_limit_is_not_read) };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        tests[i + 1] = (struct CMUnitTest){ .name = rows[i].name,
                                            .initial_state = (void *)(uintptr_t)&rows[i],
                                            .test_func = the_hint_is_that_of_the_row };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
