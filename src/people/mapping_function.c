/* The functions. None of them is called with a missing argument (mapping_eval.c), and with an empty
 * first one only those that say so below. What is cut out of a text is trimmed at once; what is put
 * together is trimmed at the end, so that blanks between its parts stay. */
#include <string.h>

#include "people/mapping_p.h"
#include "people/problem.h"

static const struct mapping_node *node_at(const struct mapping_run *r, uint32_t n) {
    return &r->mapping->nodes[n];
}

/* The argument at i as a node: numbers and tables are known before anybody is. */
static const struct mapping_node *argument(const struct mapping_run *r,
                                           const struct mapping_node *n, unsigned i) {
    uint32_t at = n->first;
    while (i-- > 0)
        at = node_at(r, at)->next;
    return node_at(r, at);
}

/* A piece of a clean text. */
static void give_piece(struct mapping_run *r, const char *from, const char *to,
                       struct mapping_value *ret) {
    ret->text = text_from(from, (size_t)(to - from));
    ret->made = true;
    mapping_value_clean(r, ret);
}

static const char *find(struct text in, struct text what) {
    return what.state == TEXT_SET && in.state == TEXT_SET
               ? memmem(in.ptr, in.len, what.ptr, what.len)
               : NULL;
}

static const char *end_of(struct text t) {
    return t.ptr + t.len;
}

/* ---- letters ---- */

static void give_cased(struct mapping_run *r, struct text t, bool upper,
                       struct mapping_value *ret) {
    char *to = mapping_run_room(r, text_cased_bytes(t, upper));
    ret->text = to == NULL ? (struct text){ 0 } : text_cased(t, upper, to);
    ret->made = true;
}

static void call_lower(struct mapping_run *r, const struct mapping_node *n,
                       struct mapping_value *args, struct mapping_value *ret) {
    (void)n;
    give_cased(r, args[0].text, false, ret);
}

static void call_upper(struct mapping_run *r, const struct mapping_node *n,
                       struct mapping_value *args, struct mapping_value *ret) {
    (void)n;
    give_cased(r, args[0].text, true, ret);
}

static void call_left(struct mapping_run *r, const struct mapping_node *n,
                      struct mapping_value *args, struct mapping_value *ret) {
    struct text t = args[0].text;
    size_t len = text_first_bytes(t, (size_t)argument(r, n, 1)->number);
    give_piece(r, t.ptr, t.ptr + len, ret);
}

/* ---- pieces ---- */

static void call_before(struct mapping_run *r, const struct mapping_node *n,
                        struct mapping_value *args, struct mapping_value *ret) {
    struct text t = args[0].text;
    const char *at = find(t, args[1].text);
    (void)n;
    give_piece(r, t.ptr, at != NULL ? at : end_of(t), ret);
}

static void call_after(struct mapping_run *r, const struct mapping_node *n,
                       struct mapping_value *args, struct mapping_value *ret) {
    struct text t = args[0].text;
    const char *at = find(t, args[1].text);
    (void)n;
    give_piece(r, at != NULL ? at + args[1].text.len : end_of(t), end_of(t), ret);
}

/* The nth of the pieces between separators; from the end when n is negative. */
static void call_part(struct mapping_run *r, const struct mapping_node *n,
                      struct mapping_value *args, struct mapping_value *ret) {
    struct text t = args[0].text, by = args[1].text;
    int32_t wanted = argument(r, n, 2)->number, pieces = 1;
    const char *from = t.ptr, *at;
    for (struct text rest = t; (at = find(rest, by)) != NULL; pieces++) {
        const char *next = at + by.len;
        rest = text_from(next, (size_t)(end_of(t) - next));
    }
    if (wanted < 0)
        wanted += pieces + 1;
    if (wanted < 1 || wanted > pieces) {
        ret->text = TEXT_NONE;
        return;
    }
    while (--wanted > 0) {
        at = find(text_from(from, (size_t)(end_of(t) - from)), by);
        from = at + by.len;
    }
    at = find(text_from(from, (size_t)(end_of(t) - from)), by);
    give_piece(r, from, at != NULL ? at : end_of(t), ret);
}

static void call_replace(struct mapping_run *r, const struct mapping_node *n,
                         struct mapping_value *args, struct mapping_value *ret) {
    struct text t = args[0].text, old = args[1].text, new = args[2].text;
    size_t times = 0, new_len = new.state == TEXT_SET ? new.len : 0;
    const char *from = t.ptr, *at;
    (void)n;
    for (struct text rest = t; (at = find(rest, old)) != NULL; times++)
        rest = text_from(at + old.len, (size_t)(end_of(t) - at) - old.len);
    size_t len = t.len - times * (times > 0 ? old.len : 0) + times * new_len;
    char *to = times == 0 ? NULL : mapping_run_room(r, len);
    ret->text = times == 0 ? t : to != NULL ? text_from(to, len) : (struct text){ 0 };
    ret->made = true;
    if (to == NULL)
        return;
    while ((at = find(text_from(from, (size_t)(end_of(t) - from)), old)) != NULL) {
        memcpy(to, from, (size_t)(at - from));
        to += at - from;
        if (new_len > 0)
            memcpy(to, new.ptr, new_len);
        to += new_len;
        from = at + old.len;
    }
    memcpy(to, from, (size_t)(end_of(t) - from));
}

/* The parts that are not empty, with the first argument between them. */
static void call_join(struct mapping_run *r, const struct mapping_node *n,
                      struct mapping_value *args, struct mapping_value *ret) {
    struct text by = args[0].text;
    size_t by_len = by.state == TEXT_SET ? by.len : 0, len = 0, parts = 0;
    for (uint32_t i = 1; i < n->children_n; i++)
        if (args[i].text.state == TEXT_SET) {
            len += args[i].text.len;
            parts++;
        }
    ret->text = TEXT_NONE;
    if (parts == 0)
        return;
    len += (parts - 1) * by_len;
    char *to = mapping_run_room(r, len);
    ret->text = to != NULL ? text_from(to, len) : (struct text){ 0 };
    ret->made = true;
    for (uint32_t i = 1; i < n->children_n && to != NULL; i++) {
        struct text t = args[i].text;
        if (t.state != TEXT_SET)
            continue;
        memcpy(to, t.ptr, t.len);
        to += t.len;
        if (--parts > 0 && by_len > 0)
            memcpy(to, by.ptr, by_len);
        to += by_len;
    }
}

/* ---- questions ---- */

static void give_truth(bool is_so, struct mapping_value *ret) {
    ret->truth = is_so ? TRUTH_YES : TRUTH_NO;
}

/* Nothing is contained nowhere: else a custom attribute that HR emptied would let everybody
 * through. */
static void call_contains(struct mapping_run *r, const struct mapping_node *n,
                          struct mapping_value *args, struct mapping_value *ret) {
    (void)r, (void)n;
    give_truth(find(args[0].text, args[1].text) != NULL, ret);
}

static void call_starts_with(struct mapping_run *r, const struct mapping_node *n,
                             struct mapping_value *args, struct mapping_value *ret) {
    struct text t = args[0].text, what = args[1].text;
    (void)r, (void)n;
    give_truth(
        what.state == TEXT_SET && what.len <= t.len && memcmp(t.ptr, what.ptr, what.len) == 0, ret);
}

static void call_ends_with(struct mapping_run *r, const struct mapping_node *n,
                           struct mapping_value *args, struct mapping_value *ret) {
    struct text t = args[0].text, what = args[1].text;
    (void)r, (void)n;
    give_truth(what.state == TEXT_SET && what.len <= t.len &&
                   memcmp(end_of(t) - what.len, what.ptr, what.len) == 0,
               ret);
}

static void call_is_empty(struct mapping_run *r, const struct mapping_node *n,
                          struct mapping_value *args, struct mapping_value *ret) {
    (void)r, (void)n;
    give_truth(mapping_value_state(&args[0]) == TEXT_EMPTY, ret);
}

static void call_is_set(struct mapping_run *r, const struct mapping_node *n,
                        struct mapping_value *args, struct mapping_value *ret) {
    (void)r, (void)n;
    give_truth(mapping_value_state(&args[0]) == TEXT_SET, ret);
}

static void call_lookup(struct mapping_run *r, const struct mapping_node *n,
                        struct mapping_value *args, struct mapping_value *ret) {
    const struct mapping_table *t = &r->mapping->tables[argument(r, n, 1)->number];
    size_t low = 0, high = t->rows_n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = text_compare(t->rows[middle].key, args[0].text);
        if (order == 0) {
            ret->text = t->rows[middle].value;
            return;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    ret->text = TEXT_NONE;
}

/* ---- dates ---- */

static void give_extreme(const struct mapping_node *n, const struct mapping_value *args, int sign,
                         struct mapping_value *ret) {
    ret->text = TEXT_NONE;
    for (uint32_t i = 0; i < n->children_n; i++)
        if (args[i].text.state == TEXT_SET &&
            (ret->text.state != TEXT_SET || text_compare(args[i].text, ret->text) * sign > 0))
            ret->text = args[i].text;
}

static void call_earliest(struct mapping_run *r, const struct mapping_node *n,
                          struct mapping_value *args, struct mapping_value *ret) {
    (void)r;
    give_extreme(n, args, -1, ret);
}

static void call_latest(struct mapping_run *r, const struct mapping_node *n,
                        struct mapping_value *args, struct mapping_value *ret) {
    (void)r;
    give_extreme(n, args, 1, ret);
}

/* A day, if date_parse() would take it back. */
static void give_date(struct mapping_run *r, date_days d, struct mapping_value *ret) {
    char canonical[DATE_TEXT_BYTES];
    date_days again;
    date_format(d, canonical);
    ret->text = (struct text){ 0 };
    if (date_parse(canonical, strlen(canonical), &again, NULL) != RC_OK) {
        r->problems |= (uint64_t)1 << PROBLEM_BAD_DATE;
        return;
    }
    char *to = mapping_run_room(r, DATE_TEXT_BYTES - 1);
    if (to != NULL)
        ret->text = text_from(memcpy(to, canonical, DATE_TEXT_BYTES - 1), DATE_TEXT_BYTES - 1);
}

static void call_add_days(struct mapping_run *r, const struct mapping_node *n,
                          struct mapping_value *args, struct mapping_value *ret) {
    date_days d = DATE_NONE;
    if (date_parse(args[0].text.ptr, args[0].text.len, &d, NULL) == RC_OK)
        d += argument(r, n, 1)->number; /* less than a million days, and at most the year 9999 */
    give_date(r, d, ret);
}

static void call_year(struct mapping_run *r, const struct mapping_node *n,
                      struct mapping_value *args, struct mapping_value *ret) {
    (void)r, (void)n;
    ret->text = text_from(args[0].text.ptr, 4);
}

static void call_date(struct mapping_run *r, const struct mapping_node *n,
                      struct mapping_value *args, struct mapping_value *ret) {
    struct text t = args[0].text;
    date_days d = DATE_NONE;
    (void)n;
    (void)date_parse(t.ptr, t.len, &d, NULL);
    give_date(r, d, ret);
}

static void call_text(struct mapping_run *r, const struct mapping_node *n,
                      struct mapping_value *args, struct mapping_value *ret) {
    (void)r, (void)n;
    ret->text = args[0].text;
}

/* ---- groups ---- */

static void call_group(struct mapping_run *r, const struct mapping_node *n,
                       struct mapping_value *args, struct mapping_value *ret) {
    const struct text kind = argument(r, n, 0)->text;
    ret->text = args[1].text;
    ret->id = args[1].text.state == TEXT_SET ? TEXT_NONE : (struct text){ 0 };
    ret->kind = kind.ptr; /* a literal ends with NUL */
}

#define TEXT_TEXT                                                                                  \
    { ARG_TEXT, ARG_TEXT }
static const struct mapping_function functions[] = {
    { "lower", "lower(text)", TYPE_TEXT, 1, 1, { ARG_TEXT }, false, -1, call_lower },
    { "upper", "upper(text)", TYPE_TEXT, 1, 1, { ARG_TEXT }, false, -1, call_upper },
    { "left", "left(text, 3)", TYPE_TEXT, 2, 2, { ARG_TEXT, ARG_NUMBER }, false, 0, call_left },
    { "before", "before(text, \"-\")", TYPE_TEXT, 2, 2, TEXT_TEXT, false, 0, call_before },
    { "after", "after(text, \"-\")", TYPE_TEXT, 2, 2, TEXT_TEXT, false, 0, call_after },
    { "part",
      "part(text, \"-\", 2)",
      TYPE_TEXT,
      3,
      3,
      { ARG_TEXT, ARG_TEXT, ARG_NUMBER },
      false,
      0,
      call_part },
    { "replace",
      "replace(text, \"old\", \"new\")",
      TYPE_TEXT,
      3,
      3,
      { ARG_TEXT, ARG_TEXT, ARG_TEXT },
      false,
      0,
      call_replace },
    { "join", "join(\", \", text, text)", TYPE_TEXT, 2, MAPPING_ARGUMENTS_MAX, TEXT_TEXT, true, -1,
      call_join },
    { "contains", "contains(text, \"part\")", TYPE_CONDITION, 2, 2, TEXT_TEXT, false, 0,
      call_contains },
    { "starts_with", "starts_with(text, \"part\")", TYPE_CONDITION, 2, 2, TEXT_TEXT, false, 0,
      call_starts_with },
    { "ends_with", "ends_with(text, \"part\")", TYPE_CONDITION, 2, 2, TEXT_TEXT, false, 0,
      call_ends_with },
    { "is_empty", "is_empty(value)", TYPE_CONDITION, 1, 1, { ARG_ANY }, true, 0, call_is_empty },
    { "is_set", "is_set(value)", TYPE_CONDITION, 1, 1, { ARG_ANY }, true, 0, call_is_set },
    { "lookup",
      "lookup(text, table)",
      TYPE_TEXT,
      2,
      2,
      { ARG_TEXT, ARG_TABLE },
      false,
      0,
      call_lookup },
    { "earliest",
      "earliest(date, date)",
      TYPE_DATE,
      2,
      MAPPING_ARGUMENTS_MAX,
      { ARG_DATE },
      true,
      -1,
      call_earliest },
    { "latest",
      "latest(date, date)",
      TYPE_DATE,
      2,
      MAPPING_ARGUMENTS_MAX,
      { ARG_DATE },
      true,
      -1,
      call_latest },
    { "add_days",
      "add_days(date, 7)",
      TYPE_DATE,
      2,
      2,
      { ARG_DATE, ARG_NUMBER },
      false,
      -1,
      call_add_days },
    { "year", "year(date)", TYPE_TEXT, 1, 1, { ARG_DATE }, false, -1, call_year },
    { "date", "date(text)", TYPE_DATE, 1, 1, { ARG_TEXT }, false, 0, call_date },
    { "text", "text(date)", TYPE_TEXT, 1, 1, { ARG_DATE }, false, -1, call_text },
    { "group",
      "group(\"unit\", text)",
      TYPE_GROUP,
      2,
      2,
      { ARG_KIND, ARG_TEXT },
      true,
      1,
      call_group },
};

const struct mapping_function *mapping_function_at(unsigned index) {
    return index < sizeof functions / sizeof *functions ? &functions[index] : NULL;
}
