#include "sync/guard.h"

#include <string.h>
#include "base/cleanup.h"
#include "json/json.h"

const char *guard_window_name(enum guard_window w) {
    static const char *const names[] = { "run", "24h", "30d" };
    return names[w];
}

static enum guard_window window_parse(struct text t) {
    int w = 0;
    while (w < GUARD_WINDOWS_N && !text_is(t, guard_window_name((enum guard_window)w)))
        w++;
    return (enum guard_window)w;
}

#define NO_LIMIT                                                                                   \
    {                                                                                              \
        { -1, 0 }, { -1, 0 }, {                                                                    \
            -1, 0                                                                                  \
        }                                                                                          \
    }
/* Chosen so that an ordinary Monday passes (900 people: twelve joiners, a marriage, a leaver) and
 * half a company never does; script/prove guard counts what that costs in questions, for companies
 * of ten people and of twenty thousand. Losing access is limited most tightly, then what decides
 * about identity (e-mail, name), then what can be put back without a trace. Where HR has not said
 * that somebody leaves, one person's profile may have been deleted; several at once are a question,
 * and so it hardly grows with the company. */
const struct guard_limits guard_usual = { {
    [CHANGE_JOINS] = { { 8, 5 }, { 10, 8 }, { 10, 15 } },
    [CHANGE_LEAVERS] = { { 3, 5 }, { 5, 5 }, { 6, 10 } },
    [CHANGE_UNANNOUNCED] = { { 1, 0.03 }, { 2, 0.04 }, { 5, 0.5 } },
    [CHANGE_EXCLUDED] = { { 3, 5 }, { 5, 5 }, { 6, 10 } },
    [CHANGE_EMAIL] = { { 3, 2 }, { 4, 3 }, { 6, 8 } },
    [CHANGE_NAME] = { { 4, 3 }, { 5, 4 }, { 6, 10 } },
    [CHANGE_TEAM] = { { 8, 10 }, { 12, 15 }, { 20, 40 } },
    [CHANGE_MANAGER] = { { 8, 10 }, { 12, 15 }, { 20, 40 } },
    [CHANGE_LOCATION] = { { 8, 10 }, { 12, 15 }, { 20, 40 } },
    [CHANGE_LEAVE_DATE] = { { 5, 5 }, { 8, 6 }, { 10, 12 } },
    [CHANGE_CLEARED] = { { 8, 5 }, { 10, 6 }, { 20, 15 } },
    [CHANGE_ADOPTIONS] = { { 5, 2 }, { 10, 3 }, { 25, 10 } },
    [CHANGE_INVITATIONS] = { { 25, 5 }, { 40, 8 }, { 120, 25 } },
    [CHANGE_OTHER] = NO_LIMIT,
} };

int64_t guard_limit_people(struct guard_limit l, int64_t population) {
    if (l.people < 0)
        return INT64_MAX;
    int64_t share = (int64_t)((double)population * l.percent / 100);
    return share > l.people ? share : l.people;
}

void guard_limit_write(struct guard_limit l, struct buf *ret) {
    if (l.people < 0)
        buf_str(ret, "none");
    else if (l.percent > 0)
        buf_printf(ret, "%d or %g %%", l.people, l.percent);
    else
        buf_printf(ret, "%d", l.people);
}

static enum rc_code read_limit(json pair, const char *class, const char *window,
                               struct guard_limit *ret, struct rc_error *err) {
    int64_t people = 0;
    double percent = 0;
    json value, unused;
    struct json_iter it = json_iter(pair);
    bool good = json_type(pair) == JSON_ARRAY && json_size(pair) == 2 &&
                json_next(&it, &unused, &value) && json_int(value, &people) &&
                json_next(&it, &unused, &value) && json_real(value, &percent) && people >= 0 &&
                people <= 1000000 && percent >= 0 && percent <= 100;
    if (!good)
        return rc_fail(err, RC_INVALID,
                       "limits: %s, %s: write [people, percent], for example [3, 5]", class,
                       window);
    *ret = (struct guard_limit){ (int32_t)people, percent };
    return RC_OK;
}

static enum rc_code read_class(json windows, enum change_class c, struct guard_limits *ret,
                               struct rc_error *err) {
    json key, value;
    if (json_type(windows) != JSON_OBJECT)
        return rc_fail(err, RC_INVALID, "limits: %s: write {\"run\": [3, 5], ...}",
                       change_class_name(c));
    for (struct json_iter it = json_iter(windows); json_next(&it, &key, &value);) {
        const char *s = NULL;
        size_t len = 0;
        json_str(key, &s, &len);
        enum guard_window w = window_parse(text_from(s, len));
        if (w == GUARD_WINDOWS_N)
            return rc_fail(err, RC_INVALID,
                           "limits: %s: \"%.*s\" is no window; there are run, 24h and 30d",
                           change_class_name(c), (int)len, s);
        enum rc_code rc = read_limit(value, change_class_name(c),
                                     guard_window_name((enum guard_window)w), &ret->of[c][w], err);
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

static enum rc_code no_class(struct text t, struct rc_error *err) {
    struct buf all;
    buf_init(&all, 400);
    for (int c = 0; c < CHANGE_OTHER; c++)
        buf_printf(&all, "%s%s",
                   c == 0                  ? ""
                   : c == CHANGE_OTHER - 1 ? " and "
                                           : ", ",
                   change_class_name((enum change_class)c));
    enum rc_code rc = rc_fail(err, RC_INVALID, "limits: \"%.*s\" is no class; there are %s",
                              t.len < 40 ? (int)t.len : 40, t.ptr, all.ptr);
    buf_done(&all);
    return rc;
}

enum rc_code guard_limits_read(struct text json_text, struct guard_limits *ret,
                               struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 16);
    json doc, key, value;
    *ret = guard_usual;
    if (json_text.state != TEXT_SET)
        return RC_OK;
    if (json_parse_copy(r, json_text.ptr, json_text.len, &doc, err) != RC_OK ||
        json_type(doc) != JSON_OBJECT)
        return rc_fail(err, RC_INVALID,
                       "limits: no JSON object; write for example {\"leavers\":{\"run\":[3,5]}}");
    for (struct json_iter it = json_iter(doc); json_next(&it, &key, &value);) {
        const char *s = NULL;
        size_t len = 0;
        json_str(key, &s, &len);
        enum change_class c = change_class_parse(text_from(s, len));
        if (c == CHANGE_CLASSES_N || c == CHANGE_OTHER)
            return no_class(text_from(s, len), err);
        enum rc_code rc = read_class(value, c, ret, err);
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

/* ---- what was before ---- */

static struct text text_at(json object, const char *key) {
    const char *s = "";
    size_t len = 0;
    json_str(json_get(object, key), &s, &len);
    return text_from(s, len);
}

void guard_past_read(const struct run_past *r, struct guard_past *ret) {
    json doc = NULL, key, value;
    *ret = (struct guard_past){ .run_id = r->run_id,
                                .applied_us = r->applied_us,
                                .kind = r->kind,
                                .population = r->population,
                                .approved = r->approved };
    memcpy(ret->classes, r->classes, sizeof ret->classes);
    if (!r->approved || r->verdict.state != TEXT_SET)
        return;
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    if (json_parse_copy(reader, r->verdict.ptr, r->verdict.len, &doc, NULL) != RC_OK)
        return; /* then nothing is covered by it */
    enum change_class last = CHANGE_CLASSES_N;
    for (struct json_iter it = json_iter(json_get(doc, "findings"));
         json_next(&it, &key, &value);) {
        enum change_class c = change_class_parse(text_at(value, "class"));
        enum guard_window w = window_parse(text_at(value, "window"));
        if (c < CHANGE_CLASSES_N && w < GUARD_WINDOWS_N && c != last)
            ret->seen[w] |= 1u << c;
        last = c;
    }
}

/* Of each class the shortest window is told: the sums of the longer ones were not before the eyes.
 */
void guard_past_approve(struct guard_past *p, const struct guard_verdict *v) {
    p->approved = true;
    for (size_t i = 0; i < v->findings_n; i++)
        if (i == 0 || v->findings[i - 1].class != v->findings[i].class)
            p->seen[v->findings[i].window] |= 1u << v->findings[i].class;
}

/* From the newest run backwards, until a person has seen the sum. */
static int64_t count_back(const struct guard_past *runs, size_t n, int64_t since_us,
                          enum guard_window w, int c) {
    int64_t people = 0;
    while (n-- > 0 && runs[n].applied_us > since_us) {
        if (runs[n].approved && runs[n].seen[w] >> c & 1)
            break;
        people += runs[n].approved ? 0 : runs[n].classes[c];
    }
    return people;
}

void guard_look_back(const struct guard_past *runs, size_t n, int64_t now_us,
                     struct guard_input *in) {
    static const int64_t days[GUARD_WINDOWS_N] = { [GUARD_DAY] = 1, [GUARD_MONTH] = GUARD_DAYS };
    _Static_assert(CHANGE_CLASSES_N <= 32, "a bit a class");
    for (int w = GUARD_DAY; w < GUARD_WINDOWS_N; w++) {
        int64_t since_us = now_us - days[w] * INT64_C(86400000000);
        in->population[w] = in->population[GUARD_RUN];
        /* A window that saw the first import began with nobody; percentages are of those who came
         * with it. */
        for (size_t i = n; i-- > 0 && runs[i].applied_us > since_us;)
            if (runs[i].population > 0)
                in->population[w] = runs[i].population;
        for (int c = 0; c < CHANGE_CLASSES_N; c++)
            in->before[w][c] = count_back(runs, n, since_us, (enum guard_window)w, c);
    }
}

/* A listing that was approved had been staged before: what came in between, it has not counted. */
static int64_t count_few(const struct guard_past *runs, size_t n, int64_t since_us, int c) {
    int64_t people = 0;
    while (n-- > 0 && runs[n].applied_us > since_us) {
        if (runs[n].approved ? runs[n].seen[GUARD_RUN] >> c & 1 : runs[n].kind == RUN_FULL)
            break;
        if (runs[n].kind == RUN_PERSON && !runs[n].approved)
            people += runs[n].classes[c];
    }
    return people;
}

#ifdef ROLLCALL_WITHOUT_FEW /* negative control: each small run by itself */
void guard_add_few(const struct guard_past *runs, size_t n, int64_t now_us,
                   struct guard_input *in) {
    (void)runs, (void)n, (void)now_us, (void)in, (void)count_few;
}
#else
void guard_add_few(const struct guard_past *runs, size_t n, int64_t now_us,
                   struct guard_input *in) {
    for (int c = 0; c < CHANGE_CLASSES_N; c++)
        in->before[GUARD_RUN][c] = count_few(runs, n, now_us - INT64_C(86400000000), c);
}
#endif

bool guard_is_other_account(int64_t known, int64_t seen) {
    return seen * 2 < known;
}

bool guard_may_look_up(const struct guard_limits *limits, int64_t missing, int64_t population) {
    return missing <= guard_limit_people(limits->of[CHANGE_LEAVERS][GUARD_RUN], population);
}

/* ---- the verdict ---- */

#ifdef ROLLCALL_WITHOUT_GUARD /* negative control: the system tests must find victims with this */
void guard_check(const struct guard_limits *limits, const struct guard_input *in,
                 struct guard_verdict *ret) {
    (void)limits;
    *ret = (struct guard_verdict){ .held = in->first };
}
#else
void guard_check(const struct guard_limits *limits, const struct guard_input *in,
                 struct guard_verdict *ret) {
    *ret = (struct guard_verdict){ .held = in->first || in->missing_not_looked_up > 0 };
    if (in->first)
        return;
    for (int c = 0; c < CHANGE_CLASSES_N; c++) {
        for (int w = 0; w < GUARD_WINDOWS_N && in->now[c] > 0; w++) {
            int64_t counted = in->now[c] + in->before[w][c];
            int64_t limit = guard_limit_people(limits->of[c][w], in->population[w]);
            if (counted <= limit)
                continue;
            ret->held = true;
            ret->findings[ret->findings_n++] = (struct guard_finding){
                (enum change_class)c, (enum guard_window)w, counted, in->now[c], limit,
                in->population[w]
            };
        }
    }
}
#endif

void guard_sentence(const struct guard_finding *f, const struct guard_limits *limits,
                    struct buf *ret) {
    static const char *const windows[] = { "one run", "24 hours", "30 days" };
    struct guard_limit l = limits->of[f->class][f->window];
    buf_printf(ret, "%lld %s: the limit for %s is %lld", (long long)f->counted,
               change_class_title(f->class), windows[f->window], (long long)f->limit);
    if (f->limit > l.people)
        buf_printf(ret, " (%g %% of %lld)", l.percent, (long long)f->population);
    if (f->now < f->counted)
        buf_printf(ret, "; %lld of them by this run, the others by earlier ones",
                   (long long)f->now);
}

/* For each class the shortest window tells enough; and of whom nobody was asked for, all of it is
 * told by how many are missing. */
static bool is_told(const struct guard_input *in, const struct guard_verdict *v, size_t i) {
    enum change_class class = v->findings[i].class;
    return (i > 0 && v->findings[i - 1].class == class) ||
           (in->missing_not_looked_up > 0 &&
            (class == CHANGE_LEAVERS || class == CHANGE_UNANNOUNCED));
}

bool guard_reason(const struct guard_verdict *v, const struct guard_input *in,
                  const struct guard_limits *limits, size_t i, struct buf *ret) {
    if (in->first && i-- == 0) {
        buf_printf(
            ret,
            in->delivers
                ? "a first delivery has its own approval: %lld accounts would be made or linked"
                : "a first import has its own approval: %lld people would join",
            (long long)in->joiners);
        return true;
    }
    if (in->missing_not_looked_up > 0 && i-- == 0) {
        buf_printf(
            ret,
            "%lld people are missing from HR's list, more than may leave at once (%lld): nobody was "
            "asked for, and nobody is taken for gone",
            (long long)in->missing_not_looked_up,
            (long long)guard_limit_people(limits->of[CHANGE_LEAVERS][GUARD_RUN],
                                          in->population[GUARD_RUN]));
        return true;
    }
    for (size_t f = 0; f < v->findings_n; f++)
        if (!is_told(in, v, f) && i-- == 0) {
            guard_sentence(&v->findings[f], limits, ret);
            return true;
        }
    return false;
}

static void write_reasons(struct json_writer *w, const struct guard_verdict *v,
                          const struct guard_input *in, const struct guard_limits *limits) {
    struct buf sentence;
    buf_init(&sentence, 1000);
    json_array(w, "reasons");
    for (size_t i = 0; guard_reason(v, in, limits, i, &sentence); i++, buf_clear(&sentence))
        json_put_str(w, NULL, sentence.ptr, sentence.len);
    json_array_end(w);
    buf_done(&sentence);
}

void guard_write(const struct guard_verdict *v, const struct guard_input *in,
                 const struct guard_limits *limits, struct buf *ret) {
    struct json_writer w;
    json_begin(&w, ret);
    json_object(&w, NULL);
    json_put_bool(&w, "held", v->held);
    json_put_bool(&w, "first", in->first);
    json_put_int(&w, "missing_not_looked_up", in->missing_not_looked_up);
    write_reasons(&w, v, in, limits);
    json_array(&w, "findings");
    for (size_t i = 0; i < v->findings_n; i++) {
        const struct guard_finding *f = &v->findings[i];
        struct buf sentence;
        buf_init(&sentence, 400);
        guard_sentence(f, limits, &sentence);
        json_object(&w, NULL);
        json_put_cstr(&w, "class", change_class_name(f->class));
        json_put_cstr(&w, "window", guard_window_name(f->window));
        json_put_int(&w, "counted", f->counted);
        json_put_int(&w, "now", f->now);
        json_put_int(&w, "limit", f->limit);
        json_put_int(&w, "population", f->population);
        json_put_str(&w, "text", sentence.ptr, sentence.len);
        json_object_end(&w);
        buf_done(&sentence);
    }
    json_array_end(&w);
    json_object_end(&w);
}
