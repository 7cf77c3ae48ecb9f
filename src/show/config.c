#include "show/config.h"

void show_config_plan(struct json_writer *w, const char *key, const struct config *wanted,
                      const struct config_plan *plan) {
    static const char *const kinds[] = { "company", "integration", "destination" };
    json_object(w, key);
    json_put_text(w, "company", wanted->company.key);
    json_put_cstr(w, "version", plan->makes_company ? NULL : plan->now.version);
    json_put_bool(w, "new", plan->makes_company);
    json_put_bool(w, "stale", plan->stale);
    json_put_int(w, "changes", (int64_t)plan->changes_n);
    json_array(w, "steps");
    for (size_t i = 0; i < plan->steps_n; i++) {
        const struct config_step *s = &plan->steps[i];
        json_object(w, NULL);
        json_put_cstr(w, "act", config_act_name(s->act));
        json_put_cstr(w, "kind", kinds[s->kind]);
        json_put_cstr(w, "path", s->path);
        show_put_json(w, "old", s->old);
        show_put_json(w, "new", s->new);
        s->people >= 0 ? json_put_int(w, "people", s->people) : json_put_null(w, "people");
        json_put_cstr(w, "follows", s->follows);
        json_put_cstr(w, "confirm", s->confirm);
        json_object_end(w);
    }
    json_array_end(w);
    json_array(w, "todo");
    for (size_t i = 0; i < plan->todo_n; i++)
        json_put_cstr(w, NULL, plan->todo[i]);
    json_array_end(w);
    json_object_end(w);
}

void show_config_activated(struct json_writer *w, const char *key, const struct config_applied *a) {
    json_array(w, key);
    for (size_t i = 0; i < a->mappings_n; i++) {
        const struct config_activated *m = &a->mappings[i];
        bool counts = m->rc == RC_OK && (m->run.run_id == 0 || m->run.state == RUN_APPLIED);
        json_object(w, NULL);
        json_put_text(w, "integration", m->key);
        m->mapping_id != 0 ? json_put_int(w, "mapping", m->mapping_id)
                           : json_put_null(w, "mapping");
        json_put_bool(w, "active", counts);
        m->run.run_id != 0 ? json_put_int(w, "run", m->run.run_id) : json_put_null(w, "run");
        json_put_cstr(w, "text", m->text);
        json_object_end(w);
    }
    json_array_end(w);
}
