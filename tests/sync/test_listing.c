#include "tests/base/helper.h"
#include "sync/listing.h"

#define MORE  SOURCE_MORE
#define EMPTY SOURCE_END_EMPTY

/* Up to four pages {rows, declared total, end} of a listing, what was seen in its rows, and how
 * many distinct ids came. says NULL: it is complete; else words of the reason. */
static const struct row {
    const char *name;
    struct {
        size_t rows;
        int64_t declared;
        enum source_end end;
    } pages[4];
    int pages_n, repeated, repeated_other, unreadable;
    size_t distinct;
    const char *says;
} rows[] = {
    { "two pages and an empty one",
      { { 2, 3, MORE }, { 1, 3, MORE }, { 0, 3, EMPTY } },
      3,
      0,
      0,
      0,
      3,
      NULL },
    { "one page that says it is the last", { { 3, 3, SOURCE_END_DECLARED } }, 1, 0, 0, 0, 3, NULL },
    { "paging ignored: the same page again",
      { { 3, 3, MORE }, { 3, 3, SOURCE_END_REPEATED } },
      2,
      3,
      0,
      0,
      3,
      NULL },
    { "refused behind the last",
      { { 2, 3, MORE }, { 1, 3, MORE }, { 0, -1, SOURCE_END_REFUSED } },
      3,
      0,
      0,
      0,
      3,
      NULL },
    { "nobody, and that is declared", { { 0, 0, EMPTY } }, 1, 0, 0, 0, 0, NULL },
    { "some rows twice with the same contents",
      { { 4, 3, MORE }, { 0, 3, EMPTY } },
      2,
      1,
      0,
      0,
      3,
      NULL },
    { "an end without a number", { { 3, 3, MORE }, { 0, -1, EMPTY } }, 2, 0, 0, 0, 3, NULL },

    { "a page is missing",
      { { 2, 4, MORE }, { 0, 4, EMPTY } },
      2,
      0,
      0,
      0,
      2,
      "4 people are declared, but 2 came" },
    { "refused behind the last, and one row came twice",
      { { 2, 3, MORE }, { 1, 3, MORE }, { 0, -1, SOURCE_END_REFUSED } },
      3,
      1,
      0,
      0,
      2,
      "3 people are declared, but 2 came" },
    { "one person is missing",
      { { 3, 4, SOURCE_END_DECLARED } },
      1,
      0,
      0,
      0,
      3,
      "4 people are declared, but 3 came" },
    { "one person more than declared",
      { { 4, 3, SOURCE_END_DECLARED } },
      1,
      0,
      0,
      0,
      4,
      "3 people are declared, but 4 came" },
    { "as many rows as declared, one of them twice",
      { { 4, 4, SOURCE_END_DECLARED } },
      1,
      1,
      0,
      0,
      3,
      "4 people are declared, but 3 came" },
    { "nobody, though some are declared",
      { { 0, 400, EMPTY } },
      1,
      0,
      0,
      0,
      0,
      "400 people are declared, but 0 came" },
    { "cut off in the middle", { { 2, 4, MORE }, { 2, 4, MORE } }, 2, 0, 0, 0, 4, "has no end" },
    { "pages without end",
      { { 2, 2, MORE }, { 2, 2, SOURCE_END_CAP } },
      2,
      2,
      0,
      0,
      2,
      "has no end" },
    { "no page at all", { { 0 } }, 0, 0, 0, 0, 0, "has no end" },
    { "never a number",
      { { 2, -1, MORE }, { 0, -1, EMPTY } },
      2,
      0,
      0,
      0,
      2,
      "did not say on every page" },
    { "a number on the first page only",
      { { 2, 3, MORE }, { 1, -1, MORE }, { 0, -1, EMPTY } },
      3,
      0,
      0,
      0,
      3,
      "did not say on every page" },
    { "a number on the last page only",
      { { 3, -1, MORE }, { 0, 3, EMPTY } },
      2,
      0,
      0,
      0,
      3,
      "did not say on every page" },
    { "nothing and no number", { { 0, -1, EMPTY } }, 1, 0, 0, 0, 0, "did not say on every page" },
    { "the number grows",
      { { 2, 3, MORE }, { 2, 4, MORE }, { 0, 4, EMPTY } },
      3,
      0,
      0,
      0,
      4,
      "changed while the list" },
    { "the number shrinks",
      { { 2, 4, MORE }, { 1, 3, MORE }, { 0, 3, EMPTY } },
      3,
      0,
      0,
      0,
      3,
      "changed while the list" },
    { "the number changes and changes back",
      { { 2, 3, MORE }, { 1, 4, MORE }, { 0, 3, EMPTY } },
      3,
      0,
      0,
      0,
      3,
      "changed while the list" },
    { "the number changes at the very end",
      { { 3, 3, MORE }, { 0, 2, EMPTY } },
      2,
      0,
      0,
      0,
      3,
      "changed while the list" },
    { "a row without an id",
      { { 3, 3, SOURCE_END_DECLARED } },
      1,
      0,
      0,
      1,
      2,
      "1 rows have no usable id" },
    { "a row without an id beside as many as declared",
      { { 4, 3, SOURCE_END_DECLARED } },
      1,
      0,
      0,
      1,
      3,
      "1 rows have no usable id" },
    { "somebody twice with different contents",
      { { 4, 3, MORE }, { 0, 3, EMPTY } },
      2,
      0,
      1,
      0,
      3,
      "1 people came twice with different contents" },
};

static struct listing listing_of(const struct row *r) {
    struct listing l;
    listing_begin(&l);
    for (int i = 0; i < r->pages_n; i++) {
        struct source_page page = { .rows_n = r->pages[i].rows,
                                    .declared_total = r->pages[i].declared,
                                    .end = r->pages[i].end,
                                    .body_bytes = 10 };
        listing_page(&l, &page);
    }
    for (int i = 0; i < r->repeated; i++)
        listing_row(&l, ROLL_REPEATED);
    for (int i = 0; i < r->repeated_other; i++)
        listing_row(&l, ROLL_REPEATED_OTHER);
    for (int i = 0; i < r->unreadable; i++)
        listing_unreadable(&l);
    listing_row(&l, ROLL_NEW);
    listing_row(&l, ROLL_SAME);
    listing_row(&l, ROLL_DIFFERENT);
    return l;
}

static void it_is_complete_or_says_why_not(void **state) {
    const struct row *r = *state;
    struct listing l = listing_of(r);
    struct buf reason;
    buf_init(&reason, 1000);
    bool complete = listing_is_complete(&l, r->distinct, &reason);
    bool said = r->says == NULL || strstr(reason.ptr, r->says) != NULL;
    if (complete != (r->says == NULL) || !said || reason.len == 0)
        print_error("%s\n", reason.ptr);
    bool nothing = reason.len == 0;
    buf_done(&reason);
    assert_int_equal(complete, r->says == NULL);
    assert_true(said);
    assert_false(nothing);
}

static void the_proof_is_kept_as_json(void **state) {
    static const char want[] =
        "{\"complete\":true,\"reason\":\"it's \\\"so\\\"\",\"declared\":3,\"distinct\":3,"
        "\"rows\":6,\"pages\":2,\"repeated\":3,\"bytes\":20,\"end\":\"repeated-page\"}";
    struct listing l = listing_of(&rows[2]);
    struct buf b;
    (void)state;
    buf_init(&b, 1000);
    listing_write(&l, 3, true, "it's \"so\"", &b);
    bool same = strcmp(b.ptr, want) == 0;
    if (!same)
        print_error("%s\n", b.ptr);
    buf_done(&b);
    assert_true(same);
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(rows) + 1];
    size_t n = 0;
    ADD_ROWS(tests, n, rows, it_is_complete_or_says_why_not);
    ADD_TEST(tests, n, the_proof_is_kept_as_json);
    return RUN_TESTS(tests, n);
}
