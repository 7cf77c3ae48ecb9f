/* Looking: people, runs, integrations, destinations. */
#include <string.h>

#include "server/api_config_p.h"

/* ---- people ---- */

/* false: there is no such lifecycle */
static bool is_lifecycle(const char *word) {
    for (int l = 1; l < LIFECYCLES_N; l++)
        if (strcmp(word, lifecycle_name((enum lifecycle)l)) == 0)
            return true;
    return false;
}

enum { LOOKED_AT_MOST = 20 * API_PAGE_MOST }; /* by one request, however few pass its filter */

struct page {
    const char *lifecycle, *problem;
    int64_t overlay_run_id, after, most, n;
    bool more;
};

static bool passes(const struct page *page, const struct person *p, const struct show_view *v) {
    if (page->lifecycle != NULL && strcmp(page->lifecycle, lifecycle_name(v->lifecycle)) != 0)
        return false;
    return page->problem == NULL || show_has_problem(p, page->problem);
}

/* Goes on until the page is full or nobody is left: a filter may pass few. */
static enum rc_code put_people(struct api_call *c, struct show_reader *r,
                               const struct show_subjects *all, struct page *page,
                               struct rc_error *err) {
    struct arena rows;
    struct person *people;
    size_t n = 0, looked_at = 0;
    enum rc_code rc;
    arena_init(&rows);
    do {
        arena_reset(&rows);
        rc = directory_list(c->st, c->company.company_id, 0, page->overlay_run_id, page->after,
                            API_PAGE_MOST, &rows, &people, &n, err);
        for (size_t i = 0; i < n && rc == RC_OK; i++) {
            struct show_view v;
            int64_t listed = show_listed_of(all, people[i].integration_id);
            if ((rc = show_view(r, &people[i], listed, &rows, &v, err)) != RC_OK)
                break;
            bool is_shown = passes(page, &people[i], &v);
            if (is_shown && (page->more = page->n == page->most))
                break;
            page->after = people[i].user_id;
            if (!is_shown)
                continue;
            show_person(&c->w, NULL, &people[i], &v);
            page->n++;
        }
        looked_at += n;
        page->more |= looked_at >= LOOKED_AT_MOST && n == API_PAGE_MOST;
    } while (rc == RC_OK && !page->more && n == API_PAGE_MOST);
    arena_done(&rows);
    return rc;
}

/* The directory as it would be after a run: 0 is as it is. */
static enum rc_code check_overlay(struct api_call *c, int64_t run_id, struct rc_error *err) {
    struct run r;
    if (run_id == 0)
        return RC_OK;
    enum rc_code rc = run_get(c->st, c->company.company_id, run_id, c->arena, &r, err);
    return rc != RC_NOT_FOUND ? rc
                              : rc_fail_as(err, rc, "run.unknown", "the company has no run %lld",
                                           (long long)run_id);
}

enum rc_code api_people_list(struct api_call *c, struct rc_error *err) {
    struct page page = { .lifecycle = server_argument(c->q, "lifecycle", 0),
                         .problem = server_argument(c->q, "problem", 0) };
    struct show_subjects all;
    struct show_reader r;
    enum rc_code rc = api_limit(c, &page.most, err);
    if (rc != RC_OK || (rc = api_cursor(c, &page.after, err)) != RC_OK ||
        (rc = api_argument(c, "run", 1, INT64_MAX - 1, 0, &page.overlay_run_id, err)) != RC_OK)
        return rc;
    if (page.problem != NULL && !show_is_problem(page.problem))
        return rc_fail_as(err, RC_INVALID, "request.argument",
                          "problem is \"any\", or one of those that people have");
    if (page.lifecycle != NULL && !is_lifecycle(page.lifecycle))
        return rc_fail_as(err, RC_INVALID, "request.argument",
                          "lifecycle is one of expected, active, leave, leaving, left, absent");
    if ((rc = check_overlay(c, page.overlay_run_id, err)) != RC_OK ||
        (rc = show_subjects(&c->show, &c->company, &all, err)) != RC_OK ||
        (rc = show_reader_open(&c->company, c->now_us, &r, err)) != RC_OK)
        return rc;
    json_array(&c->w, "people");
    rc = put_people(c, &r, &all, &page, err);
    json_array_end(&c->w);
    api_put_next(c, page.more ? page.after : 0);
    show_reader_close(&r);
    return rc;
}

/* By the id in HR or the address, which several may share; "#" and our number. */
enum rc_code api_people_show(struct api_call *c, struct rc_error *err) {
    enum { MOST = 20 };
    struct show_subjects all;
    struct show_reader r;
    struct person *people;
    size_t n;
    enum rc_code rc = directory_search(c->st, c->company.company_id, text_of(c->parts[1]), MOST,
                                       c->arena, &people, &n, err);
    if (rc == RC_OK && n == 0)
        rc = rc_fail_as(err, RC_NOT_FOUND, "person.unknown",
                        "the directory has nobody with that id or e-mail");
    if (rc != RC_OK || (rc = show_subjects(&c->show, &c->company, &all, err)) != RC_OK ||
        (rc = show_reader_open(&c->company, c->now_us, &r, err)) != RC_OK)
        return rc;
    json_array(&c->w, "people");
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        struct show_view v;
        rc = show_view(&r, &people[i], show_listed_of(&all, people[i].integration_id), c->arena, &v,
                       err);
        if (rc == RC_OK)
            show_person(&c->w, NULL, &people[i], &v);
    }
    json_array_end(&c->w);
    show_reader_close(&r);
    return rc;
}

/* ---- runs ---- */

/* Of the whole company, of an integration or of a destination. */
static enum rc_code read_subject(struct api_call *c, int64_t *ret, struct rc_error *err) {
    const char *of_hr = server_argument(c->q, "integration", 0),
               *of_platform = server_argument(c->q, "destination", 0);
    struct integration in = { 0 };
    struct platform p = { 0 };
    int64_t company = c->company.company_id;
    enum rc_code rc = RC_OK;
    if (of_hr != NULL && of_platform != NULL)
        return rc_fail_as(err, RC_INVALID, "request.argument",
                          "a run is of an integration or of a destination: name one of them");
    if (of_hr != NULL)
        rc = integration_find(c->st, company, of_hr, NULL, c->arena, &in, err);
    else if (of_platform != NULL)
        rc = platform_find(c->st, company, of_platform, NULL, c->arena, &p, err);
    *ret = of_hr != NULL ? in.integration_id : p.destination_id;
    return rc;
}

enum rc_code api_run_list(struct api_call *c, struct rc_error *err) {
    struct show_subjects all;
    struct run *runs;
    int64_t most, before, subject_id = 0;
    size_t n;
    enum rc_code rc = api_limit(c, &most, err);
    if (rc != RC_OK || (rc = api_cursor(c, &before, err)) != RC_OK ||
        (rc = read_subject(c, &subject_id, err)) != RC_OK ||
        (rc = show_subjects(&c->show, &c->company, &all, err)) != RC_OK ||
        (rc = run_list_before(c->st, c->company.company_id, subject_id, before, (size_t)most + 1,
                              c->arena, &runs, &n, err)) != RC_OK)
        return rc;
    size_t shown = n > (size_t)most ? (size_t)most : n;
    json_array(&c->w, "runs");
    for (size_t i = 0; i < shown; i++)
        show_run(&c->w, NULL, &c->company, show_subject_of(&all, &runs[i]), &runs[i]);
    json_array_end(&c->w);
    api_put_next(c, n > shown ? runs[shown - 1].run_id : 0);
    return RC_OK;
}

enum rc_code api_run_show(struct api_call *c, struct rc_error *err) {
    struct show_subjects all;
    struct run r;
    enum rc_code rc = api_run(c, &r, err);
    if (rc == RC_OK && (rc = show_subjects(&c->show, &c->company, &all, err)) == RC_OK)
        show_run(&c->w, "run", &c->company, show_subject_of(&all, &r), &r);
    return rc;
}

/* Last-Event-ID is the id of an event of ours; whatever else it holds is as if nothing had been heard. */
static int64_t heard_last(const struct api_call *c) {
    const char *given = server_header(c->q, "Last-Event-ID");
    int64_t id = 0;
    return given != NULL && api_number(given, "id", &id, NULL) == RC_OK ? id : 0;
}

enum rc_code api_event_stream(struct api_call *c, struct rc_error *err) {
    const char *run = server_argument(c->q, "run", 0);
    struct events_wish wish = { .company = &c->company,
                                .token = &c->token,
                                .heard_us = heard_last(c) };
    struct run r;
    if (run != NULL && api_number(run, "run", &wish.run_id, err) != RC_OK)
        return rc_fail_as(err, RC_INVALID, "request.argument", "run is a number");
    enum rc_code rc =
        run == NULL ? RC_OK : run_get(c->st, c->company.company_id, wish.run_id, c->arena, &r, err);
    if (rc == RC_NOT_FOUND)
        return rc_fail_as(err, rc, "run.unknown", "the company has no run %lld",
                          (long long)wish.run_id);
    return rc != RC_OK ? rc : events_listen(c->serve->events, &wish, c->q, &c->stream, err);
}

/* ---- integrations and destinations ---- */

enum rc_code api_integration_list(struct api_call *c, struct rc_error *err) {
    struct integration *list;
    size_t n;
    enum rc_code rc = integration_list(c->st, c->company.company_id, c->arena, &list, &n, err);
    json_array(&c->w, "integrations");
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        rc = show_integration(&c->show, &c->w, NULL, &c->company, &list[i], err);
    json_array_end(&c->w);
    return rc;
}

enum rc_code api_integration_show(struct api_call *c, struct rc_error *err) {
    const struct config_object *o;
    struct config now;
    enum rc_code rc = api_config_part(c, CONFIG_INTEGRATION, &now, &o, err);
    if (rc != RC_OK)
        return rc;
    c->tagged = true;
    c->version = api_config_version(c, o);
    return show_integration(&c->show, &c->w, "integration", &c->company, &o->in, err);
}

enum rc_code api_destination_list(struct api_call *c, struct rc_error *err) {
    struct platform *list;
    size_t n;
    enum rc_code rc = platform_list(c->st, c->company.company_id, c->arena, &list, &n, err);
    json_array(&c->w, "destinations");
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        rc = show_platform(&c->show, &c->w, NULL, &c->company, &list[i], err);
    json_array_end(&c->w);
    return rc;
}

enum rc_code api_destination_show(struct api_call *c, struct rc_error *err) {
    const struct config_object *o;
    struct config now;
    enum rc_code rc = api_config_part(c, CONFIG_DESTINATION, &now, &o, err);
    if (rc != RC_OK)
        return rc;
    c->tagged = true;
    c->version = api_config_version(c, o);
    return show_platform(&c->show, &c->w, "destination", &c->company, &o->p, err);
}
