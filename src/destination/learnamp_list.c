/* Lists, page by page. How a pass goes on and ends:
 *
 *     accounts come in two passes, as nobody says whether the plain list has deactivated ones;
 *     to the number of pages that the answers declare, or else on to an empty page;
 *     an empty page ends it in any case, and so does a page that begins and ends with the same rows
 *     as the one before: our paging is ignored, and nothing new will come;
 *     where pages do not declare how many there are, Learn Amp's own 404 behind the first is an end;
 *     a first page refused with 400 is asked for again without its size, whose limit nobody tells.
 *
 * Whether all came is for sync/ to say, from the rows and the totals. */
#include "destination/learnamp_p.h"

#include <string.h>

enum { PAGES_MOST = 1000000 };

/* What is asked for in each pass. */
static const char *const passes[] = { "?expanded=true",
                                      "?expanded=true&filters%5Bstatus%5D%5B%5D=deactivated" };

enum rc_code learnamp_list_begin(struct destination_lane *base, enum destination_list what,
                                 struct rc_error *err) {
    struct learnamp_lane *l = (struct learnamp_lane *)base;
    (void)err;
    l->listing = true;
    l->what = what;
    l->pass = 0;
    l->page = 1;
    l->per_page = learnamp_of(l)->per_page;
    l->first_id = l->last_id = 0;
    return RC_OK;
}

enum rc_code learnamp_page_read(json root, enum destination_list what, unsigned caps,
                                struct arena *a, struct destination_page *ret,
                                struct rc_error *err) {
    json rows = learnamp_rows(root, what), none, row;
    size_t n = 0, rows_n = json_size(rows);
    if (rows == NULL)
        return rc_fail_as(err, RC_INVALID, "destination.answer",
                          "a list of %s: the answer has no such list",
                          what == DESTINATION_ACCOUNTS ? "users" : "teams");
    if (what == DESTINATION_ACCOUNTS)
        ret->accounts = ARENA_NEW(a, struct account, rows_n + 1);
    else
        ret->teams = ARENA_NEW(a, struct destination_team, rows_n + 1);
    for (struct json_iter it = json_iter(rows); json_next(&it, &none, &row); n++) {
        if (what == DESTINATION_ACCOUNTS)
            learnamp_read_user(row, caps, a, &ret->accounts[n]);
        else
            learnamp_read_team(row, a, &ret->teams[n]);
    }
    if (what == DESTINATION_ACCOUNTS)
        ret->accounts_n = n;
    else
        ret->teams_n = n;
    return RC_OK;
}

/* Whether this page was the pass's last. */
static bool pass_ends(struct learnamp_lane *l, const struct learnamp_answer *answer) {
    json rows = learnamp_rows(answer->root, l->what), none, row;
    int64_t first = 0, last = 0;
    for (struct json_iter it = json_iter(rows); json_next(&it, &none, &row);) {
        last = learnamp_id(row);
        first = first == 0 ? last : first;
    }
    bool repeated = first != 0 && first == l->first_id && last == l->last_id;
    l->first_id = first;
    l->last_id = last;
    return json_size(rows) == 0 || repeated || l->page >= PAGES_MOST ||
           (answer->total_pages >= 0 && l->page >= answer->total_pages);
}

static enum rc_code ask(struct learnamp_lane *l, struct learnamp_answer *ret,
                        struct rc_error *err) {
    bool teams = l->what == DESTINATION_TEAMS;
    struct buf path;
    buf_init(&path, 400);
    buf_printf(&path, "%s%s%spage=%lld", teams ? "/v1/teams" : "/v1/users",
               teams ? "" : passes[l->pass], teams ? "?" : "&", (long long)l->page);
    if (l->per_page > 0)
        buf_printf(&path, "&perPage=%u", l->per_page);
    const struct learnamp_call call = { .kind = LEARNAMP_READS,
                                        .method = "GET",
                                        .path = path.ptr,
                                        .what = teams ? "GET /v1/teams" : "GET /v1/users",
                                        .scope = teams ? "teams:read" : "users:read" };
    enum rc_code rc = learnamp_call(l, &call, ret, err);
    buf_done(&path);
    return rc;
}

static void next_pass(struct learnamp_lane *l, struct destination_page *ret) {
    unsigned passes_n = l->what == DESTINATION_ACCOUNTS ? RC_LEN(passes) : 1;
    l->pass++;
    l->page = 1;
    l->first_id = l->last_id = 0;
    ret->ends = l->pass == passes_n;
    l->listing = !ret->ends;
}

enum rc_code learnamp_list_next(struct destination_lane *base, struct arena *a,
                                struct destination_page *ret, struct rc_error *err) {
    struct learnamp_lane *l = (struct learnamp_lane *)base;
    struct destination_page page = { .pass = l->pass };
    struct learnamp_answer answer;
    if (!l->listing)
        return rc_fail(err, RC_FATAL, "learnamp: no listing has begun, or it is over");
    enum rc_code rc = ask(l, &answer, err);
    if (rc == RC_OK && answer.status == 400 && l->page == 1 && l->per_page > 0) {
        l->per_page = 0;
        rc = ask(l, &answer, err);
    }
    if (rc == RC_OK && answer.status == 404 && l->page > 1) {
        page.declared_total = -1;
        next_pass(l, &page);
        *ret = page;
        return RC_OK;
    }
    if (rc == RC_OK && !learnamp_is_good(&answer))
        rc = rc_fail_as(err, RC_INVALID, "destination.answer", "answered %d: %.*s", answer.status,
                        TEXT_ARG(learnamp_said(&answer, a)));
    if (rc == RC_OK)
        rc = learnamp_page_read(answer.root, l->what, learnamp_of(l)->caps, a, &page, err);
    if (rc != RC_OK)
        return rc_context(err, rc, "learnamp: pass %u, page %lld", l->pass, (long long)l->page);
    page.declared_total = answer.total;
    if (pass_ends(l, &answer))
        next_pass(l, &page);
    else
        l->page++;
    *ret = page;
    return RC_OK;
}
