/* What a run did or would do: an import's changes, a delivery's calls, and what other limits would have said. */
#include "server/api_p.h"
#include "show/changes.h"
#include "show/delivery.h"
#include "show/simulation.h"

static enum rc_code find(struct api_call *c, bool delivery, struct run *ret, struct rc_error *err) {
    enum rc_code rc = api_run(c, ret, err);
    if (rc == RC_OK && (ret->destination_id != 0) != delivery)
        return rc_fail_as(err, RC_NOT_FOUND, "run.kind",
                          delivery ? "run %lld is an import: it has changes, and no calls"
                                   : "run %lld is a delivery: it has calls, and no changes",
                          (long long)ret->run_id);
    return rc;
}

/* ---- changes ---- they stay in their order, as a run stays as it is: the cursor is a number of them */

static void put_changes(struct api_call *c, const struct review *r, int64_t after, int64_t most,
                        int64_t *ret_next) {
    int64_t at = 0;
    *ret_next = 0;
    json_array(&c->w, "changes");
    for (size_t s = 0; s < r->sections_n; s++)
        for (size_t p = 0; p < r->sections[s].parts_n; p++) {
            const struct review_part *part = &r->sections[s].parts[p];
            for (size_t i = 0; i < part->people_n; i++)
                for (size_t k = 0; k < part->people[i].changes_n; k++, at++) {
                    if (at >= after && at < after + most)
                        show_change(&c->w, &r->sections[s], part, &part->people[i].changes[k],
                                    c->arena);
                    else if (at == after + most)
                        *ret_next = at;
                }
        }
    json_array_end(&c->w);
}

enum rc_code api_run_changes(struct api_call *c, struct rc_error *err) {
    struct show_changes x;
    struct run r;
    int64_t most, after, next;
    enum rc_code rc = api_limit(c, &most, err);
    if (rc != RC_OK || (rc = api_cursor(c, &after, err)) != RC_OK ||
        (rc = find(c, false, &r, err)) != RC_OK ||
        (rc = show_changes_load(&c->show, &r, &x, err)) != RC_OK)
        return rc;
    show_groups(&c->w, &x);
    put_changes(c, &x.review, after, most, &next);
    show_left_out(&c->w, &x);
    show_difference(&c->w, &x);
    api_put_next(c, next);
    return RC_OK;
}

/* ---- calls ---- */

static enum rc_code put_calls(struct api_call *c, const struct run *r, const struct effect *list,
                              size_t n, struct rc_error *err) {
    struct show_reader reader;
    struct arena one;
    enum rc_code rc = show_reader_open(&c->company, c->now_us, &reader, err);
    if (rc != RC_OK)
        return rc;
    arena_init(&one);
    json_array(&c->w, "calls");
    for (size_t i = 0; i < n; i++, arena_reset(&one)) {
        struct show_whom who = show_whom_of(c->st, r, &reader, &list[i], &one);
        show_call(&c->w, &who, &list[i]);
    }
    json_array_end(&c->w);
    arena_done(&one);
    show_reader_close(&reader);
    return RC_OK;
}

enum rc_code api_run_calls(struct api_call *c, struct rc_error *err) {
    struct effect *list;
    struct platform p;
    struct run r;
    int64_t most, after;
    size_t n;
    enum rc_code rc = api_limit(c, &most, err);
    if (rc != RC_OK || (rc = api_cursor(c, &after, err)) != RC_OK ||
        (rc = find(c, true, &r, err)) != RC_OK ||
        (rc = platform_get(c->st, r.company_id, r.destination_id, NULL, c->arena, &p, err)) !=
            RC_OK ||
        (rc = effect_list(c->st, r.company_id, r.run_id, after, (size_t)most + 1, c->arena, &list,
                          &n, err)) != RC_OK ||
        (rc = show_delivery(&c->show, &c->w, NULL, &c->company, &p, &r, err)) != RC_OK)
        return rc;
    size_t shown = n > (size_t)most ? (size_t)most : n;
    if ((rc = put_calls(c, &r, list, shown, err)) == RC_OK)
        api_put_next(c, n > shown ? list[shown - 1].effect_id : 0);
    return rc;
}

/* ---- other limits ---- */

enum rc_code api_simulation(struct api_call *c, struct rc_error *err) {
    const char *limits = server_argument(c->q, "limits", 0);
    struct show_simulation x;
    struct integration in;
    int64_t days;
    enum rc_code rc =
        api_argument(c, "days", 1, SHOW_SIMULATION_DAYS_MOST, SHOW_SIMULATION_DAYS, &days, err);
    if (rc != RC_OK || (rc = api_integration(c, &in, err)) != RC_OK ||
        (rc = show_simulation_load(&c->show, &in, text_of(limits), days, &x, err)) != RC_OK)
        return rc;
    show_simulation(&c->show, &c->w, &c->company, &in, &x);
    return RC_OK;
}
