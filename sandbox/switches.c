#include "sandbox/switches.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SWITCH_MOST INT64_C(1000000000) /* whatever is multiplied with it still fits into 64 bits */

void switches_init(struct switches *s, const struct switch_row *rows, size_t n) {
    *s = (struct switches){ .rows = rows, .n = n };
    for (size_t i = 0; i < n; i++)
        s->value[i] = rows[i].fallback;
}

/* The number of a word in "a|b|c", -1 when it is none of them. */
static int64_t word_find(const char *words, const char *word, size_t len) {
    int64_t n = 0;
    for (const char *at = words;; n++) {
        size_t step = strcspn(at, "|");
        if (step == len && memcmp(at, word, len) == 0)
            return n;
        if (at[step] == '\0')
            return -1;
        at += step + 1;
    }
}

static int word_get(const char *words, int64_t n, const char **ret) {
    for (; n > 0 && *words != '\0'; n--) {
        words += strcspn(words, "|");
        words += *words == '|';
    }
    *ret = words;
    return (int)strcspn(words, "|");
}

static size_t words_count(const char *words) {
    size_t n = 1;
    for (; *words != '\0'; words++)
        n += *words == '|';
    return n;
}

static enum rc_code row_find(const struct switches *s, const char *name, size_t *ret,
                             struct rc_error *err) {
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->rows[i].name, name) == 0) {
            *ret = i;
            return RC_OK;
        }
    return rc_fail(err, RC_NOT_FOUND, "there is no switch '%s'", name);
}

static enum rc_code set_number(struct switches *s, size_t i, int64_t number, struct rc_error *err) {
    const char *words = s->rows[i].words, *name = s->rows[i].name;
    size_t name_n = strlen(name);
    bool is_status = words == NULL && name_n > 7 && strcmp(name + name_n - 7, "-status") == 0;
    if (is_status && (number < 200 || number > 599))
        return rc_fail(err, RC_INVALID, "%s is between 200 and 599", name);
    if (number < -SWITCH_MOST || number > SWITCH_MOST)
        return rc_fail(err, RC_INVALID, "%s is at most a thousand millions", name);
    if (words != NULL && (number < 0 || number >= (int64_t)words_count(words)))
        return rc_fail(err, RC_INVALID, "%s is one of %s", s->rows[i].name, words);
    s->value[i] = number;
    return RC_OK;
}

static enum rc_code set_word(struct switches *s, size_t i, const char *word, size_t len,
                             struct rc_error *err) {
    const char *words = s->rows[i].words;
    char *end, digits[24];
    int64_t number = words == NULL ? -1 : word_find(words, word, len);
    if (number < 0) {
        snprintf(digits, sizeof digits, "%.*s", (int)len, word);
        number = strtoll(digits, &end, 10);
        if (len == 0 || *end != '\0' || len >= sizeof digits)
            return rc_fail(err, RC_INVALID, "%s is %s%s", s->rows[i].name,
                           words ? "one of " : "a number", words ? words : "");
    }
    return set_number(s, i, number, err);
}

enum rc_code switches_set_text(struct switches *s, const char *name, const char *value,
                               struct rc_error *err) {
    size_t i = 0;
    enum rc_code rc = row_find(s, name, &i, err);
    return rc != RC_OK ? rc : set_word(s, i, value, strlen(value), err);
}

enum rc_code switches_set(struct switches *s, const char *name, json value, struct rc_error *err) {
    size_t i = 0, len = 0;
    const char *word;
    int64_t number;
    bool on;
    enum rc_code rc = row_find(s, name, &i, err);
    if (rc != RC_OK)
        return rc;
    if (json_type(value) == JSON_NULL)
        return set_number(s, i, s->rows[i].fallback, err);
    if (json_str(value, &word, &len))
        return set_word(s, i, word, len, err);
    if (json_bool(value, &on))
        return set_number(s, i, on, err);
    if (json_int(value, &number))
        return set_number(s, i, number, err);
    return rc_fail(err, RC_INVALID, "%s: a word, a number, true, false, or null for the default",
                   name);
}

void switches_write(const struct switches *s, struct buf *ret) {
    struct json_writer w;
    const char *word;
    json_begin(&w, ret);
    json_object(&w, NULL);
    json_array(&w, "switches");
    for (size_t i = 0; i < s->n; i++) {
        const struct switch_row *r = &s->rows[i];
        json_object(&w, NULL);
        json_put_cstr(&w, "name", r->name);
        if (r->words == NULL) {
            json_put_int(&w, "value", s->value[i]);
            json_put_int(&w, "default", r->fallback);
        } else {
            int n = word_get(r->words, s->value[i], &word);
            json_put_str(&w, "value", word, (size_t)n);
            n = word_get(r->words, r->fallback, &word);
            json_put_str(&w, "default", word, (size_t)n);
            json_put_cstr(&w, "words", r->words);
        }
        json_put_bool(&w, "changed", s->value[i] != r->fallback);
        json_put_str(&w, "mark", &r->mark, 1);
        json_put_cstr(&w, "text", r->text);
        json_object_end(&w);
    }
    json_array_end(&w);
    json_object_end(&w);
}

void switches_print(const struct switch_row *rows, size_t n) {
    printf("%-32s %-12s %s  %s\n", "switch", "default", "mark", "meaning (values)");
    for (size_t i = 0; i < n; i++) {
        const struct switch_row *r = &rows[i];
        const char *word = "";
        int word_n = r->words == NULL ? 0 : word_get(r->words, r->fallback, &word);
        char fallback[24];
        if (r->words != NULL)
            snprintf(fallback, sizeof fallback, "%.*s", word_n, word);
        else
            snprintf(fallback, sizeof fallback, "%lld", (long long)r->fallback);
        printf("%-32s %-12s %c     %s (%s)\n", r->name, fallback, r->mark, r->text,
               r->words ? r->words : "number");
    }
}
