#include "show/changes.h"

int64_t show_instead_of(const struct run *r) {
    return r->state == RUN_SUPERSEDED ? 0 : r->other_run_id;
}

enum rc_code show_changes_load(const struct show *s, const struct run *r, struct show_changes *ret,
                               struct rc_error *err) {
    enum rc_code rc;
    *ret = (struct show_changes){ .run = r };
    if ((rc = review_build(s->st, r, SHOW_CHANGES_MOST, s->arena, &ret->review, err)) != RC_OK ||
        (rc = version_left_outs(s->st, r->company_id, r->run_id, SHOW_CHANGES_MOST, s->arena,
                                &ret->left_out, &ret->left_out_n, err)) != RC_OK)
        return rc;
    if (show_instead_of(r) != 0)
        rc = history_differences(s->st, r->company_id, show_instead_of(r), r->run_id,
                                 SHOW_CHANGES_MOST, s->arena, &ret->differences,
                                 &ret->differences_n, err);
    return rc;
}

void show_change(struct json_writer *w, const struct review_section *section,
                 const struct review_part *part, const struct review_change *change,
                 struct arena *a) {
    const struct history_change *is = change->is;
    bool named = text_is(is->field, "primary_team") || text_is(is->field, "secondary_teams") ||
                 text_is(is->field, "manager");
    json_object(w, NULL);
    json_put_text(w, "person", is->source_id);
    show_put_text(w, "name", is->name);
    show_put_text(w, "email", is->email);
    json_put_text(w, "field", is->field);
    show_put_text(w, "old", show_plain(is->old, a));
    show_put_text(w, "new", show_plain(is->new, a));
    show_put_text(w, "old_name", named ? change->old : TEXT_NONE);
    show_put_text(w, "new_name", named ? change->new : TEXT_NONE);
    json_put_cstr(w, "class", change_class_name(is->class));
    json_put_text(w, "rule", is->rule);
    json_put_cstr(w, "group", review_group_name(section->group));
    show_put_text(w, "part", part->title);
    json_object_end(w);
}

void show_groups(struct json_writer *w, const struct show_changes *x) {
    const struct review *r = &x->review;
    json_array(w, "groups");
    for (size_t s = 0; s < r->sections_n; s++) {
        const struct review_section *section = &r->sections[s];
        json_object(w, NULL);
        json_put_cstr(w, "group", review_group_name(section->group));
        json_put_cstr(w, "title", review_group_title(section->group));
        json_put_int(w, "people", section->people_n);
        json_put_bool(w, "over_limit", section->is_over);
        json_array(w, "parts");
        for (size_t p = 0; p < section->parts_n; p++) {
            json_object(w, NULL);
            show_put_text(w, "part", section->parts[p].title);
            json_put_int(w, "people", (int64_t)section->parts[p].people_n);
            json_object_end(w);
        }
        json_array_end(w);
        json_object_end(w);
    }
    json_array_end(w);
}

static void put_person(struct json_writer *w, struct text source_id, struct text name) {
    json_object(w, NULL);
    json_put_text(w, "person", source_id);
    show_put_text(w, "name", name);
    json_object_end(w);
}

/* By name: whoever approved the run believed that these people were in it. */
void show_left_out(struct json_writer *w, const struct show_changes *x) {
    json_array(w, "left_out");
    for (size_t i = 0; i < x->left_out_n; i++)
        put_person(w, x->left_out[i].source_id, x->left_out[i].name);
    json_array_end(w);
}

void show_difference(struct json_writer *w, const struct show_changes *x) {
    static const char *const sides[] = { [HISTORY_ONLY_FIRST] = "no_longer",
                                         [HISTORY_ONLY_SECOND] = "new",
                                         [HISTORY_OTHERWISE] = "otherwise" };
    if (show_instead_of(x->run) == 0) {
        json_put_null(w, "difference");
        return;
    }
    json_object(w, "difference");
    json_put_int(w, "instead_of", show_instead_of(x->run));
    for (size_t side = 0; side < RC_LEN(sides); side++) {
        json_array(w, sides[side]);
        for (size_t i = 0; i < x->differences_n; i++)
            if (x->differences[i].side == side)
                put_person(w, x->differences[i].source_id, x->differences[i].name);
        json_array_end(w);
    }
    json_object_end(w);
}
