/* One row of Personio to one employee. Each attribute comes in an envelope {label, value, type,
 * universal_id}; labels are translated and edited by the customer, so only keys count. The
 * attributes are walked once, in the order in which they came: looking each wanted key up by itself
 * would walk them as often as there are fields. */
#include "source/personio_p.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *key, *label;
} attributes[EMPLOYEE_FIELDS_N] = {
    [EMPLOYEE_FIRST_NAME] = { "first_name", "First name" },
    [EMPLOYEE_LAST_NAME] = { "last_name", "Last name" },
    [EMPLOYEE_PREFERRED_NAME] = { "preferred_name", "Name (preferred)" },
    [EMPLOYEE_EMAIL] = { "email", "Email" },
    [EMPLOYEE_STATUS] = { "status", "Status" },
    [EMPLOYEE_JOB_TITLE] = { "position", "Position" },
    [EMPLOYEE_SUPERVISOR] = { "supervisor", "Supervisor" },
    [EMPLOYEE_DEPARTMENT] = { "department", "Department" },
    [EMPLOYEE_TEAM] = { "team", "Team" },
    [EMPLOYEE_OFFICE] = { "office", "Office" },
    [EMPLOYEE_LEGAL_ENTITY] = { "subcompany", "Subcompany" },
    [EMPLOYEE_COST_CENTRE] = { "cost_centers", "Cost center" },
    [EMPLOYEE_EMPLOYMENT_TYPE] = { "employment_type", "Employment type" },
    [EMPLOYEE_HIRE_DATE] = { "hire_date", "Hire date" },
    [EMPLOYEE_TERMINATION_DATE] = { "termination_date", "Termination date" },
    [EMPLOYEE_LAST_WORKING_DAY] = { "last_working_day", "Last day of work" },
    [EMPLOYEE_CONTRACT_END_DATE] = { "contract_end_date", "Contract ends" },
    [EMPLOYEE_AVATAR] = { "profile_picture", "Profile Picture" },
};

const char *personio_key(enum employee_field f) {
    return attributes[f].key;
}

const char *personio_label(enum employee_field f) {
    return attributes[f].label;
}

enum { FIELD_NONE = EMPLOYEE_FIELDS_N, FIELD_ID };

static bool same(const char *key, size_t len, const char *wanted) {
    return memcmp(key, wanted, len) == 0;
}

/* The length leaves at most four candidates. A test asks for every key of the table above. */
static unsigned field_of(const char *k, size_t n) {
    unsigned f = FIELD_NONE;
    switch (n) {
    case 2: return same(k, n, "id") ? FIELD_ID : FIELD_NONE;
    case 4: f = EMPLOYEE_TEAM; break;
    case 5: f = EMPLOYEE_EMAIL; break;
    case 6: f = k[0] == 's' ? EMPLOYEE_STATUS : EMPLOYEE_OFFICE; break;
    case 8: f = EMPLOYEE_JOB_TITLE; break;
    case 9: f = k[0] == 'l' ? EMPLOYEE_LAST_NAME : EMPLOYEE_HIRE_DATE; break;
    case 10:
        f = k[0] == 'f'   ? EMPLOYEE_FIRST_NAME
            : k[0] == 'd' ? EMPLOYEE_DEPARTMENT
            : k[2] == 'p' ? EMPLOYEE_SUPERVISOR
                          : EMPLOYEE_LEGAL_ENTITY;
        break;
    case 12: f = EMPLOYEE_COST_CENTRE; break;
    case 14: f = EMPLOYEE_PREFERRED_NAME; break;
    case 15: f = k[0] == 'e' ? EMPLOYEE_EMPLOYMENT_TYPE : EMPLOYEE_AVATAR; break;
    case 16: f = k[0] == 't' ? EMPLOYEE_TERMINATION_DATE : EMPLOYEE_LAST_WORKING_DAY; break;
    case 17: f = EMPLOYEE_CONTRACT_END_DATE; break;
    default: return FIELD_NONE;
    }
    return same(k, n, attributes[f].key) ? f : (unsigned)FIELD_NONE;
}

/* ---- values ---- */

/* The member `value`, once. false: no object, no value, or two of them. */
static bool envelope_open(json envelope, json *ret_value, json *ret_type) {
    struct json_iter it = json_iter(envelope);
    json key, value;
    unsigned values_n = 0;
    if (json_type(envelope) != JSON_OBJECT)
        return false;
    *ret_type = NULL;
    while (json_next(&it, &key, &value)) {
        const char *k;
        size_t n;
        json_str(key, &k, &n);
        if (n == 5 && same(k, n, "value")) {
            *ret_value = value;
            values_n++;
        } else if (n == 4 && same(k, n, "type")) {
            *ret_type = value;
        }
    }
    return values_n == 1;
}

/* Empty objects come as null, "", [] or {}. */
static bool is_empty(json v) {
    const char *s;
    size_t n;
    switch (json_type(v)) {
    case JSON_NULL: return true;
    case JSON_STRING: return json_str(v, &s, &n) && n == 0;
    case JSON_ARRAY:
    case JSON_OBJECT: return json_size(v) == 0;
    default: return false;
    }
}

/* Inside a supervisor attributes are enveloped again, inside an office they are not: both are taken
 * for both. */
static json plain(json v) {
    return json_type(v) == JSON_OBJECT ? json_get(v, "value") : v;
}

static bool id_of(json v, int64_t *ret) {
    int64_t id;
    if (!json_int(plain(v), &id) || id <= 0)
        return false;
    *ret = id;
    return true;
}

static struct text id_text(struct arena *a, int64_t id) {
    char digits[24], *p = digits + sizeof digits;
    do
        *--p = (char)('0' + id % 10);
    while ((id /= 10) > 0);
    size_t len = (size_t)(digits + sizeof digits - p);
    return (struct text){ TEXT_SET, arena_copy(a, p, len), len };
}

static void put_group(struct employee *e, enum employee_field f, struct arena *a, json v) {
    json inner = json_get(v, "attributes"), id_value = json_get(inner, "id");
    struct text id = TEXT_NONE;
    const char *name = "";
    size_t len = 0;
    int64_t n = 0;
    json name_value = plain(json_get(inner, "name"));
    bool id_is_empty = json_type(id_value) == JSON_MISSING || is_empty(id_value);
    if (!id_is_empty && !id_of(id_value, &n)) {
        employee_put_bad(e, f);
        return;
    }
    if (n > 0)
        id = id_text(a, n);
    if (!json_str(name_value, &name, &len) || len == 0) { /* a group that came without its name */
        employee_put_bad(e, f);
        return;
    }
    employee_put_group(e, f, a, id, name, len);
}

/* null, an envelope {"attributes": {"id": ...}}, or the id itself. */
static void put_supervisor(struct employee *e, enum employee_field f, struct arena *a, json v) {
    int64_t id;
    json from = json_type(v) == JSON_OBJECT
                    ? json_at(v, (const char *const[]){ "attributes", "id", NULL })
                    : v;
    if (!id_of(from, &id)) {
        employee_put_bad(e, f);
        return;
    }
    e->fields[f].text = id_text(a, id);
}

static double share_of(json v) {
    const char *s;
    size_t n;
    double share = 0;
    char copy[32];
    if (!json_real(v, &share) && json_str(v, &s, &n) && n < sizeof copy) {
        memcpy(copy, s, n);
        copy[n] = '\0';
        share = strtod(copy, NULL);
    }
    return share;
}

/* Of several the one with the largest share, of equals the one with the smaller id. One that cannot
 * be read spoils all: it might have been the largest. */
static void put_cost_centre(struct employee *e, enum employee_field f, struct arena *a, json v) {
    struct json_iter it = json_iter(v);
    json none, one, best = NULL;
    double best_share = 0;
    int64_t best_id = 0;
    if (json_type(v) == JSON_OBJECT) { /* one, not in a list */
        put_group(e, f, a, v);
        return;
    }
    if (json_type(v) != JSON_ARRAY) {
        employee_put_bad(e, f);
        return;
    }
    while (json_next(&it, &none, &one)) {
        json inner = json_get(one, "attributes");
        double share = share_of(plain(json_get(inner, "percentage")));
        int64_t id = INT64_MAX;
        if (json_type(inner) != JSON_OBJECT) {
            employee_put_bad(e, f);
            return;
        }
        (void)id_of(json_get(inner, "id"), &id);
        if (best == NULL || share > best_share || (!(share < best_share) && id < best_id)) {
            best = one;
            best_share = share;
            best_id = id;
        }
    }
    put_group(e, f, a, best);
}

static void put_field(struct employee *e, enum employee_field f, struct arena *a, json envelope) {
    json value = NULL, type;
    const char *s;
    size_t n;
    if (!envelope_open(envelope, &value, &type)) {
        employee_put_bad(e, f);
    } else if (json_str(value, &s, &n) && f != EMPLOYEE_SUPERVISOR &&
               employee_field_kind(f) != EMPLOYEE_KIND_GROUP) {
        employee_put(e, f, a, s, n);
    } else if (is_empty(value)) {
        employee_put_empty(e, f);
    } else if (f == EMPLOYEE_SUPERVISOR) {
        put_supervisor(e, f, a, value);
    } else if (f == EMPLOYEE_COST_CENTRE) {
        put_cost_centre(e, f, a, value);
    } else if (employee_field_kind(f) == EMPLOYEE_KIND_GROUP && json_type(value) == JSON_OBJECT) {
        put_group(e, f, a, value);
    } else {
        employee_put_bad(e, f);
    }
}

/* ---- custom attributes ---- */

static void tag_add(struct buf *out, const char *s, size_t n) {
    while (n > 0 && s[0] == ' ')
        s++, n--;
    while (n > 0 && s[n - 1] == ' ')
        n--;
    if (n > 0 && out->len > 0)
        buf_char(out, ',');
    buf_append(out, s, n);
}

/* Tags come as "A,B", as "A, B", or as a JSON list in a string. All become "A,B", or a change of
 * form would be taken for a change of facts. */
static void put_tags(struct employee *e, size_t i, struct arena *a, const char *s, size_t n) {
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = NULL;
    struct buf out;
    json list = NULL, none, one;
    bool usable = true;
    buf_init(&out, EMPLOYEE_TEXT_BYTES);
    if (n > 0 && s[0] == '[') {
        reader = json_reader_new(4 * EMPLOYEE_TEXT_BYTES);
        usable = json_parse_copy(reader, s, n, &list, NULL) == RC_OK;
        struct json_iter it = json_iter(list);
        while (usable && json_next(&it, &none, &one)) {
            usable = json_str(one, &s, &n);
            if (usable)
                tag_add(&out, s, n);
        }
    } else {
        const char *end = s + n, *comma;
        for (; (comma = memchr(s, ',', (size_t)(end - s))) != NULL; s = comma + 1)
            tag_add(&out, s, (size_t)(comma - s));
        tag_add(&out, s, (size_t)(end - s));
    }
    if (!usable || out.full)
        employee_put_custom_bad(e, i);
    else
        employee_put_custom(e, i, a, arena_copy(a, out.ptr != NULL ? out.ptr : "", out.len),
                            out.len);
    buf_done(&out);
}

static void put_custom_date(struct employee *e, size_t i, struct arena *a, const char *s,
                            size_t n) {
    date_days d;
    char day[DATE_TEXT_BYTES];
    if (n > 0 && date_parse(s, n, &d, NULL) != RC_OK) {
        employee_put_custom_bad(e, i);
        return;
    }
    const char *text = n > 0 ? date_format(d, day) : "";
    employee_put_custom(e, i, a, arena_str(a, text, strlen(text)), strlen(text));
}

static void put_custom_string(struct employee *e, size_t i, struct arena *a, json type,
                              const char *s, size_t n) {
    const char *t = "";
    size_t t_n = 0;
    json_str(type, &t, &t_n);
    if (t_n == 4 && same(t, t_n, "tags"))
        put_tags(e, i, a, s, n);
    else if (t_n == 4 && same(t, t_n, "date"))
        put_custom_date(e, i, a, s, n);
    else
        employee_put_custom(e, i, a, s, n);
}

/* A custom attribute, or a standard one that has no field of its own: text, number, or something
 * with a name. */
static void put_custom(struct employee *e, size_t i, struct arena *a, json envelope) {
    json value = NULL, type;
    const char *s;
    size_t n;
    bool truth;
    if (!envelope_open(envelope, &value, &type)) {
        employee_put_custom_bad(e, i);
    } else if (json_str(value, &s, &n)) {
        put_custom_string(e, i, a, type, s, n);
    } else if (is_empty(value)) {
        employee_put_custom(e, i, a, "", 0);
    } else if (json_type(value) == JSON_INT || json_type(value) == JSON_REAL) {
        struct buf out;
        buf_init(&out, 64);
        json_dump(value, &out);
        employee_put_custom(e, i, a, arena_copy(a, out.ptr, out.len), out.len);
        buf_done(&out);
    } else if (json_bool(value, &truth)) {
        employee_put_custom(e, i, a, truth ? "true" : "false", truth ? 4 : 5);
    } else if (json_str(plain(json_at(value, (const char *const[]){ "attributes", "name", NULL })),
                        &s, &n)) {
        employee_put_custom(e, i, a, s, n);
    } else {
        employee_put_custom_bad(e, i);
    }
}

/* ---- the row ---- */

/* Never asked for with a list; one person comes with all that may be read. */
static void put_modified(struct employee *e, json envelope) {
    static const char *const path[] = { "value", NULL };
    const char *s;
    size_t n;
    if (!json_str(json_at(envelope, path), &s, &n) ||
        date_parse_instant(s, n, &e->modified_us, NULL) != RC_OK)
        e->modified_us = 0;
}

static enum rc_code put_id(struct employee *e, struct arena *a, json envelope,
                           struct rc_error *err) {
    json value = NULL, type;
    int64_t id;
    if (!envelope_open(envelope, &value, &type) || !id_of(value, &id))
        return rc_fail_as(err, RC_INVALID, "personio.row", "the row's id is no number from 1");
    if (e->source_id.state == TEXT_SET)
        return rc_fail_as(err, RC_INVALID, "personio.row", "the row has two ids");
    e->source_id = id_text(a, id);
    return RC_OK;
}

static void read_custom(struct employee *e, const struct employee_reads *reads, struct arena *a,
                        const char *k, size_t n, json envelope) {
    for (size_t i = 0; i < reads->custom_n; i++) {
        const struct employee_custom *c = &e->custom[i];
        if (c->key.len != n || !same(k, n, c->key.ptr))
            continue;
        if (c->value.state != TEXT_MISSING || (i < 32 && (e->bad_custom & 1u << i) != 0))
            employee_put_custom_bad(e, i); /* the key came twice */
        else
            put_custom(e, i, a, envelope);
    }
}

enum rc_code personio_read(const struct employee_reads *reads, json row, struct arena *a,
                           struct employee *ret, struct rc_error *err) {
    json all = json_get(row, "attributes"), key, envelope;
    struct json_iter it = json_iter(all);
    uint32_t seen = 0;
    if (json_type(all) != JSON_OBJECT)
        return rc_fail_as(err, RC_INVALID, "personio.row", "the row has no attributes");
    employee_begin(ret, reads, a);
    while (json_next(&it, &key, &envelope)) {
        const char *k;
        size_t n;
        json_str(key, &k, &n);
        unsigned f = field_of(k, n);
        if (reads->custom_n > 0)
            read_custom(ret, reads, a, k, n, envelope);
        if (f == FIELD_ID) {
            enum rc_code rc = put_id(ret, a, envelope, err);
            if (rc != RC_OK)
                return rc;
        } else if (f != FIELD_NONE && (reads->fields & 1u << f) != 0) {
            if ((seen & 1u << f) != 0) /* which of the two is meant, nobody knows */
                employee_put_bad(ret, f);
            else
                put_field(ret, f, a, envelope);
            seen |= 1u << f;
        } else if (n == 16 && same(k, n, "last_modified_at"))
            put_modified(ret, envelope);
    }
    if (ret->source_id.state != TEXT_SET)
        return rc_fail_as(err, RC_INVALID, "personio.row", "the row has no id");
    return RC_OK;
}

int64_t personio_row_id(json row) {
    int64_t id = 0;
    (void)id_of(json_at(row, (const char *const[]){ "attributes", "id", NULL }), &id);
    return id;
}
