/* other.c - endpoints beside users and teams: what the profile full can do more, and the two for
 * which only scopes are documented. */
#include "sandbox/learnamp/learnamp.h"

void other_capabilities(struct call *c, const struct value *params) {
    (void)params;
    answer_json(c, 200,
                "{\"profile\":\"full\",\"capabilities\":[\"avatar\",\"leaveDate\","
                "\"invite\"]}");
}

static void answer_words(struct call *c, const char *key, const char *const *words, size_t n) {
    struct json_answer o;
    answer_begin(&o);
    json_object(&o.w, NULL);
    json_array(&o.w, key);
    for (size_t i = 0; i < n; i++) {
        json_object(&o.w, NULL);
        json_put_cstr(&o.w, "name", words[i]);
        json_object_end(&o.w);
    }
    json_array_end(&o.w);
    json_object_end(&o.w);
    answer_end(&o, c, 200);
}

void other_languages(struct call *c, const struct value *params) {
    (void)params;
    answer_words(c, "languages", language_codes, languages_count());
}

void other_roles(struct call *c, const struct value *params) {
    const struct platform *p = platform_of(c);
    (void)params;
    answer_words(c, "roles", (const char *const *)p->occupations, p->occupations_n);
}
