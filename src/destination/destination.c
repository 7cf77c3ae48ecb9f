#include "destination/destination_p.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A new learning platform is one line here. */
static const struct destination_ops *const destinations[] = {
    &learnamp_destination_ops,
};

const struct destination_ops *destination_find(const char *name) {
    for (size_t i = 0; i < RC_LEN(destinations); i++)
        if (strcmp(destinations[i]->name, name) == 0)
            return destinations[i];
    return NULL;
}

const struct destination_ops *const *destination_all(size_t *ret_n) {
    *ret_n = RC_LEN(destinations);
    return destinations;
}

enum rc_code destination_open(const struct destination_config *config, struct destination **ret,
                              struct rc_error *err) {
    const struct destination_ops *ops = config->ops;
    for (const struct setting *s = ops->settings; s->key != NULL; s++) {
        const char *value = destination_value(config, s->key);
        if (s->required && (value == NULL || value[0] == '\0'))
            return rc_fail_as(err, RC_INVALID, "setting", "%s: the setting %s is missing (%s)",
                              ops->name, s->key, s->help);
    }
    return ops->open(config, ret, err);
}

void destination_close(struct destination *d) {
    if (d != NULL)
        d->ops->close(d);
}

struct destination_lane *destination_lane_new(struct destination *d) {
    return d->ops->lane_new(d);
}

void destination_lane_free(struct destination_lane *l) {
    if (l != NULL)
        l->destination->ops->lane_free(l);
}

const char *destination_is_other(const struct destination_change *c, const struct account *shows) {
    const struct account *now = c->now;
    if (shows->status == ACCOUNT_ANONYMISED)
        return "has been anonymised: it is not filled again";
    bool other_role = shows->role.state == TEXT_SET && !text_equal(shows->role, now->role);
    for (size_t i = 0; i < c->fields_n && !c->ties && other_role; i++)
        if (c->fields[i].field == USER_EMAIL && c->fields[i].does == DECIDE_FIELD_SENDS)
            return "has got another role since it was last read: its address is not changed";
    if (!c->ties)
        return NULL;
    if (shows->external_id.state == TEXT_SET && !text_equal(shows->external_id, c->external_id) &&
        !text_equal(shows->external_id, now->external_id))
        return "has got another external id since it was last read: it is not linked";
    if (c->by_hand)
        return other_role ? "has got another role since it was last read: it is not linked" : NULL;
    if (!text_equal(shows->fields[USER_EMAIL].known, account_shows(&now->fields[USER_EMAIL])))
        return "has got another address since it was last read: it is not linked";
    return other_role ? "has got another role since it was last read: it is not linked" : NULL;
}

enum rc_code destination_is_protected(struct destination_lane *l, const struct policy *policy,
                                      const struct account *now, struct arena *a,
                                      struct account *ret_shows, bool *ret, struct rc_error *err) {
    struct account by_now = *now;
    *ret_shows = (struct account){ 0 };
    *ret = false;
    enum rc_code rc =
        l->destination->ops->find(l, DESTINATION_BY_ID, now->remote_id, a, ret_shows, err);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    by_now.role = ret_shows->role;
    *ret = by_now.role.state == TEXT_SET && decide_protects(policy, &by_now);
    return RC_OK;
}

/* ---- for the members ---- */

const char *destination_value(const struct destination_config *c, const char *key) {
    const struct setting *s = c->ops->settings;
    for (size_t i = 0; s[i].key != NULL; i++)
        if (strcmp(s[i].key, key) == 0)
            return c->values != NULL && c->values[i] != NULL ? c->values[i] : s[i].fallback;
    rc_die("destination %s has no setting %s", c->ops->name, key);
}

enum rc_code destination_value_int(const struct destination_config *c, const char *key,
                                   int64_t least, int64_t most, int64_t *ret,
                                   struct rc_error *err) {
    const char *value = destination_value(c, key);
    char *end = NULL;
    errno = 0;
    long long n = value != NULL ? strtoll(value, &end, 10) : 0;
    if (value == NULL || end == value || *end != '\0' || errno != 0 || n < least || n > most)
        return rc_fail_as(err, RC_INVALID, "setting",
                          "%s: the setting %s must be a whole number from %lld to %lld",
                          c->ops->name, key, (long long)least, (long long)most);
    *ret = n;
    return RC_OK;
}

enum rc_code destination_value_bool(const struct destination_config *c, const char *key, bool *ret,
                                    struct rc_error *err) {
    const char *value = destination_value(c, key);
    bool yes = value != NULL && strcmp(value, "yes") == 0;
    if (!yes && (value == NULL || strcmp(value, "no") != 0))
        return rc_fail_as(err, RC_INVALID, "setting", "%s: the setting %s must be yes or no",
                          c->ops->name, key);
    *ret = yes;
    return RC_OK;
}

void destination_find_add(struct destination_check *c, struct arena *a, enum finding_level level,
                          const char *name, const char *fmt, ...) {
    char text[1000];
    va_list args;
    if (c->findings == NULL)
        c->findings = ARENA_NEW(a, struct finding, DESTINATION_FINDINGS_MAX);
    if (c->findings_n ==
        DESTINATION_FINDINGS_MAX) { /* nobody reads further; the worst level stays */
        struct finding *last = &c->findings[DESTINATION_FINDINGS_MAX - 1];
        last->level = level > last->level ? level : last->level;
        last->name = "more";
        last->text = "there is more of this kind: put the above right and check again";
        return;
    }
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    c->findings[c->findings_n++] =
        (struct finding){ level, name, arena_str(a, text, strlen(text)) };
}
