/* Settings, list and get. How a listing goes on and ends:
 *
 *     page n+1 begins where the rows of page n ended, whatever Personio says about pages (its
 *     numbers are unreliable); an empty page is the end, a short one is not;
 *     behind as many rows as every page declared, a refusal is the end too: nobody was to come any
 *     more, and whether all came is for the proof (sync/listing.h) to say from the rows. Before
 *     that, a refusal is an error;
 *     a page that begins and ends with the same people as the one before: our offset is ignored,
 *     nothing new will come; more than twice as many rows as ever declared, and a thousand: the
 *     remote goes in circles. */
#include "source/personio_p.h"

#include <string.h>
#include <stdio.h>

#include "secret/secret.h"

enum { ROWS_MOST = 20000000, PAGES_BURST = 15 };

static const struct setting settings[] = {
    { "client-id", false, true, NULL, "the credential's client id, as Personio shows it" },
    { "client-secret", true, true, NULL, "the credential's secret, shown once by Personio" },
    { "base-url", false, false, "https://api.personio.de", "where Personio's API is",
      .aims = true },
    { "page-size", false, false, "100", "people a page, 1 to 100" },
    { "per-minute", false, false, "280",
      "most requests a minute (Personio allows 300); 0: no ceiling" },
    { "retries", false, false, "5", "how often a failed request is repeated" },
    { "retry-wait-ms", false, false, "1000", "first pause before repeating; doubles each time" },
    { "timeout-s", false, false, "60", "most seconds for one request" },
    { "connect-timeout-s", false, false, "10", "most seconds to connect" },
    { "ca-file", false, false, NULL, "certificates to trust, where a proxy inspects TLS",
      .local = true },
    { 0 },
};

/* ---- open and close ---- */

static void personio_close(struct source *s) {
    struct personio *p = (struct personio *)s;
    if (p->often && p->token[0] != '\0')
        personio_kept_put(p);
    if (p->client_secret != NULL)
        secret_wipe(p->client_secret, strlen(p->client_secret));
    secret_wipe(p->token, sizeof p->token);
    secret_wipe(p->token2, sizeof p->token2);
    if (p->auth_body.ptr != NULL)
        secret_wipe(p->auth_body.ptr, p->auth_body.len);
    if (p->http != NULL)
        http_client_free(p->http);
    if (p->reader != NULL)
        json_reader_free(p->reader);
    if (p->auth_reader != NULL)
        json_reader_free(p->auth_reader);
    buf_done(&p->body);
    buf_done(&p->auth_body);
    mem_free(p->base_url);
    mem_free(p->client_id);
    mem_free(p->client_secret);
    mem_free(p->attributes);
    mem_free(p->scope);
    mem_free(p);
}

static void personio_closep(struct personio **p) {
    if (*p != NULL)
        personio_close(&(*p)->base);
}

/* Only what is mapped is asked for. The id comes along. */
static char *attributes_query(const struct employee_reads *reads) {
    struct buf b;
    bool any = false;
    buf_init(&b, PERSONIO_QUERY_BYTES);
    for (enum employee_field f = 0; f < EMPLOYEE_FIELDS_N; f++) {
        if ((reads->fields & 1u << f) == 0)
            continue;
        buf_printf(&b, "&attributes%%5B%%5D=%s", personio_key(f));
        any = true;
    }
    for (size_t i = 0; i < reads->custom_n; i++) {
        buf_str(&b, "&attributes%5B%5D=");
        http_escape(&b, reads->custom[i], strlen(reads->custom[i]));
        any = true;
    }
    if (!any)
        buf_str(&b, "&attributes%5B%5D=id");
    char *query = mem_str(b.full ? "" : b.ptr);
    buf_done(&b);
    return query;
}

static enum rc_code client_open(struct personio *p, const struct source_config *c,
                                struct rc_error *err) {
    int64_t timeout_s, connect_s, per_minute, wait_ms, retries, page_size;
    enum rc_code rc;
    if ((rc = source_value_int(c, "timeout-s", 1, 3600, &timeout_s, err)) != RC_OK ||
        (rc = source_value_int(c, "connect-timeout-s", 1, 600, &connect_s, err)) != RC_OK ||
        (rc = source_value_int(c, "per-minute", 0, 100000, &per_minute, err)) != RC_OK ||
        (rc = source_value_int(c, "retries", 0, 100, &retries, err)) != RC_OK ||
        (rc = source_value_int(c, "retry-wait-ms", 1, 60000, &wait_ms, err)) != RC_OK ||
        (rc = source_value_int(c, "page-size", 1, PERSONIO_LIMIT_MOST, &page_size, err)) != RC_OK)
        return rc;
    p->retries = (unsigned)retries;
    p->page_size = (unsigned)page_size;
    double burst = per_minute < 20 * PAGES_BURST ? (double)per_minute / 20 : (double)PAGES_BURST;
    pace_init(&p->pace, (double)per_minute / 60, burst < 1 ? 1 : burst, wait_ms * 1000,
              INT64_C(60000000), (uint64_t)clock_now_us(p->clock));
    struct http_client_options o = { .connect_timeout_us = connect_s * 1000000,
                                     .total_timeout_us = timeout_s * 1000000,
                                     .ca_file = source_value(c, "ca-file") };
    return http_client_new(&o, p->clock, &p->http, err);
}

/* rollcall adds path and query itself, and the token goes along with them. */
static enum rc_code check_base_url(const char *url, struct rc_error *err) {
    size_t n = strlen(url);
    const char *end = n > 3 ? url + n - 3 : "";
    enum rc_code rc = http_url_check(url, err);
    if (rc != RC_OK)
        return rc_context(err, rc, "personio: base-url");
    if (strchr(url, '?') != NULL || strchr(url, '#') != NULL)
        return rc_fail_as(err, RC_INVALID, "setting",
                          "personio: the setting base-url must be without ? and #");
    if (strcmp(end, "/v1") == 0 || strcmp(end, "/v2") == 0)
        return rc_fail_as(
            err, RC_INVALID, "setting",
            "personio: the setting base-url must be without %s at its end: it is added", end);
    return RC_OK;
}

/* What came along when it was copied; else Personio would only say that it is wrong. */
static enum rc_code check_credential(const char *key, const char *value, struct rc_error *err) {
    for (const char *c = value; *c != '\0'; c++)
        if ((*c >= '\0' && *c <= ' ') || *c == 0x7f)
            return rc_fail_as(err, RC_INVALID, "setting",
                              "personio: the setting %s has a blank or a line end in it, which "
                              "Personio's never has: copy it again",
                              key);
    return RC_OK;
}

static enum rc_code personio_open(const struct source_config *c, struct source **ret,
                                  struct rc_error *err) {
    RC_CLEANUP(personio_closep) struct personio *p = mem_zalloc(sizeof *p);
    p->base.ops = c->ops;
    p->clock = c->clock;
    p->reads = c->reads;
    p->base_url = mem_str(source_value(c, "base-url"));
    p->client_id = mem_str(source_value(c, "client-id"));
    p->client_secret = mem_str(source_value(c, "client-secret"));
    for (size_t n = strlen(p->base_url); n > 0 && p->base_url[n - 1] == '/';)
        p->base_url[--n] = '\0';
    buf_init(&p->body, PERSONIO_BODY_BYTES + JSON_PADDING);
    buf_init(&p->auth_body, 65536);
    p->reader = json_reader_new(PERSONIO_BODY_BYTES);
    p->auth_reader = json_reader_new(65536);
    p->attributes = attributes_query(&p->reads);
    enum rc_code rc = check_base_url(p->base_url, err);
    if (rc != RC_OK || (rc = check_credential("client-id", p->client_id, err)) != RC_OK ||
        (rc = check_credential("client-secret", p->client_secret, err)) != RC_OK ||
        (rc = client_open(p, c, err)) != RC_OK)
        return rc;
    struct personio *open = RC_TAKE(p);
    open->often = c->often;
    if (c->often)
        personio_kept_take(open);
    *ret = &open->base;
    return RC_OK;
}

/* ---- list ---- */

void personio_list_query(const struct personio *p, const char *since, unsigned limit,
                         uint64_t offset, struct buf *ret) {
    buf_clear(ret);
    buf_printf(ret, "limit=%u&offset=%llu%s%s%s", limit, (unsigned long long)offset,
               since[0] != '\0' ? "&updated_since=" : "", since, p->attributes);
}

static enum rc_code list_begin(struct source *s, int64_t since_us, struct rc_error *err) {
    struct personio *p = (struct personio *)s;
    (void)err;
    p->listing = true;
    p->end = SOURCE_MORE;
    p->offset = 0;
    p->declared_most = -1;
    p->declares_one = true;
    p->first_id = p->last_id = 0;
    p->since[0] = '\0';
    if (since_us != 0) {
        char instant[32];
        date_format_instant(since_us, instant);
        snprintf(p->since, sizeof p->since, "%.19s",
                 instant); /* without the zone, as Personio wants it */
        for (char *c = p->since; *c != '\0'; c++)
            if (*c == ' ')
                *c = 'T';
    }
    return RC_OK;
}

static int64_t total_of(json root) {
    int64_t total;
    json v = json_at(root, (const char *const[]){ "metadata", "total_elements", NULL });
    return json_int(v, &total) && total >= 0 && total <= ROWS_MOST ? total : -1;
}

enum rc_code personio_page_take(struct personio_page *page, const struct personio_answer *answer,
                                struct rc_error *err) {
    json data = json_get(answer->root, "data"), none, row;
    if (json_type(data) != JSON_ARRAY)
        return rc_fail_as(err, RC_INVALID, "personio.answer",
                          "GET " PERSONIO_EMPLOYEES ": the answer has no list of people");
    size_t n = json_size(data), i = 0;
    if (n > page->rows_cap) {
        page->rows = mem_realloc(page->rows, n * sizeof *page->rows);
        page->rows_cap = n;
    }
    for (struct json_iter it = json_iter(data); json_next(&it, &none, &row);)
        page->rows[i++] = row;
    page->root = answer->root;
    memcpy(page->content_type, answer->content_type, sizeof page->content_type);
    page->base.rows_n = n;
    page->base.body_bytes = page->body.len;
    page->base.declared_total = total_of(answer->root);
    return RC_OK;
}

/* Where the listing stands after a page. */
static enum source_end advance(struct personio *p, const struct personio_page *page) {
    size_t n = page->base.rows_n;
    if (n == 0)
        return SOURCE_END_EMPTY;
    int64_t first = personio_row_id(page->rows[0]), last = personio_row_id(page->rows[n - 1]);
    bool repeated = first != 0 && first == p->first_id && last == p->last_id;
    p->first_id = first;
    p->last_id = last;
    p->offset += n;
    int64_t total = page->base.declared_total;
    p->declares_one &= total >= 0 && (p->declared_most < 0 || total == p->declared_most);
    if (total > p->declared_most)
        p->declared_most = total;
    uint64_t cap = p->declared_most < 0 ? ROWS_MOST : 2 * (uint64_t)p->declared_most + 1000;
    return repeated ? SOURCE_END_REPEATED : p->offset > cap ? SOURCE_END_CAP : SOURCE_MORE;
}

/* Where an offset behind the last row is an error and not an empty page. Only Personio's own words
 * about the request count: a proxy's 404 or a lost right says nothing about where the list ends. */
static bool is_behind_the_last(const struct personio *p, const struct personio_answer *a) {
    bool about_the_request =
        a->status == 400 || a->status == 404 || a->status == 416 || a->status == 422;
    return about_the_request && personio_is_refusal(a->root) && p->declares_one &&
           p->declared_most > 0 && p->offset >= (uint64_t)p->declared_most;
}

static enum rc_code list_next(struct source *s, struct source_page *base, struct rc_error *err) {
    struct personio *p = (struct personio *)s;
    struct personio_page *page = (struct personio_page *)base;
    struct personio_answer answer;
    struct buf query;
    if (!p->listing || p->end != SOURCE_MORE)
        return rc_fail(err, RC_FATAL, "personio: no listing has begun, or it is over");
    buf_init(&query, 2 * PERSONIO_QUERY_BYTES);
    personio_list_query(p, p->since, p->page_size, p->offset, &query);
    base->rows_n = 0;
    enum rc_code rc = personio_call(p, PERSONIO_EMPLOYEES, query.ptr, PERSONIO_RIGHT_EMPLOYEES,
                                    &page->body, page->reader, &answer, err);
    buf_done(&query);
    if (rc != RC_OK && is_behind_the_last(p, &answer)) {
        base->first_row = p->offset;
        base->declared_total = -1;
        base->body_bytes = page->body.len;
        base->end = p->end = SOURCE_END_REFUSED;
        return RC_OK;
    }
    if (rc == RC_NOT_FOUND) /* of a list it says nothing about anybody */
        rc = rc_fail_as(err, RC_INVALID, "personio.answer",
                        "GET " PERSONIO_EMPLOYEES ": answered 404: is base-url right?");
    if (rc == RC_OK)
        rc = personio_page_take(page, &answer, err);
    if (rc != RC_OK)
        return rc_context(err, rc, "personio: at row %llu", (unsigned long long)p->offset);
    base->first_row = p->offset;
    base->end = p->end = advance(p, page);
    return RC_OK;
}

static struct source_page *page_new(struct source *s) {
    struct personio_page *page = mem_zalloc(sizeof *page);
    (void)s;
    buf_init(&page->body, PERSONIO_BODY_BYTES + JSON_PADDING);
    page->reader = json_reader_new(PERSONIO_BODY_BYTES);
    return &page->base;
}

static void page_free(struct source_page *base) {
    struct personio_page *page = (struct personio_page *)base;
    json_reader_free(page->reader);
    buf_done(&page->body);
    mem_free(page->rows);
    mem_free(page);
}

static enum rc_code page_read(const struct source *s, const struct source_page *base, size_t row,
                              struct arena *a, struct employee *ret, struct rc_error *err) {
    const struct personio_page *page = (const struct personio_page *)base;
    return personio_read(&((const struct personio *)s)->reads, page->rows[row], a, ret, err);
}

/* ---- get ---- */

static bool is_number(struct text id) {
    for (size_t i = 0; i < id.len; i++)
        if (id.ptr[i] < '0' || id.ptr[i] > '9')
            return false;
    return id.state == TEXT_SET && id.len <= 18 && id.ptr[0] != '0';
}

/* An answer about somebody else is worse than none: the id that came back must be the one asked
 * for. */
static enum rc_code get(struct source *s, struct text source_id, struct arena *a,
                        struct employee *ret, struct rc_error *err) {
    struct personio *p = (struct personio *)s;
    struct personio_answer answer;
    struct employee e;
    char path[100];
    if (!is_number(source_id))
        return rc_fail_as(err, RC_INVALID, "person.id",
                          "personio: an id there is a number, not \"%.*s\"", TEXT_ARG(source_id));
    snprintf(path, sizeof path, PERSONIO_EMPLOYEES "/%.*s", TEXT_ARG(source_id));
    enum rc_code rc =
        personio_call(p, path, "", PERSONIO_RIGHT_EMPLOYEES, &p->body, p->reader, &answer, err);
    if (rc == RC_OK)
        rc = personio_read(&p->reads, json_get(answer.root, "data"), a, &e, err);
    if (rc == RC_OK && !text_equal(e.source_id, source_id))
        rc = rc_fail_as(err, RC_INVALID, "personio.answer", "%s: answered with person %.*s", path,
                        TEXT_ARG(e.source_id));
    if (rc != RC_OK)
        return rc_context(err, rc, "personio");
    employee_keep(&e, a);
    *ret = e;
    return RC_OK;
}

const struct source_ops personio_source_ops = {
    .name = "personio",
    .title = "Personio",
    .caps = SOURCE_TOTAL | SOURCE_SINCE | SOURCE_GET | SOURCE_RIGHTS | SOURCE_RECORD,
    .settings = settings,
    .open = personio_open,
    .close = personio_close,
    .check = personio_check,
    .rights = personio_rights,
    .list_begin = list_begin,
    .list_next = list_next,
    .page_new = page_new,
    .page_free = page_free,
    .page_read = page_read,
    .get = get,
    .record = personio_record,
    .tells = &personio_tells,
};
