#include "people/team.h"

const char *team_verb_name(enum team_verb v) {
    static const char *const names[TEAM_VERBS_N] = {
        [TEAM_NOTHING] = "nothing", [TEAM_CREATE] = "create", [TEAM_ADOPT] = "adopt",
        [TEAM_RENAME] = "rename",   [TEAM_DELETE] = "delete",
    };
    return names[v];
}

const char *team_word_name(enum team_word w) {
    static const char *const names[TEAM_WORDS_N] = {
        [TEAM_WORD_LINK] = "link", [TEAM_WORD_CREATE] = "create", [TEAM_WORD_IGNORE] = "ignore"
    };
    return names[w];
}

static struct team_decision does(enum team_verb verb, const char *code, const char *sentence,
                                 struct decide_ref ref) {
    return (struct team_decision){
        .verb = verb, .code = code, .sentence = text_of(sentence), .ref = ref
    };
}

static struct team_decision waits(enum decide_wait for_what, const char *code, const char *sentence,
                                  enum decide_ref_state state) {
    struct team_decision d =
        does(TEAM_NOTHING, code, sentence, (struct decide_ref){ state, { 0 } });
    d.waits = for_what;
    return d;
}

/* Until somebody answers, or does something about what teams there are called, or about a setting. */
static struct team_decision by_names(const struct team_facts *t, enum decide_wait for_what,
                                     const char *code, const char *sentence,
                                     enum decide_ref_state state, const char *remedy) {
    struct team_decision d = waits(for_what, code, sentence, state);
    d.by_names = true;
    d.remedy = text_of(remedy);
    d.ref.remote_id = t->name;
    return d;
}

static struct team_decision decide_linked(const struct team_facts *t, const struct policy *policy,
                                          struct arena *a) {
    struct decide_ref there = { DECIDE_REF_PRESENT, t->remote_id };
    const char *name = arena_printf(a, "%.*s", TEXT_ARG(t->name));
    const char *known = arena_printf(a, "%.*s", TEXT_ARG(t->remote_name));
    if (t->was_deleted) {
        struct team_decision d =
            waits(DECIDE_WAITS_FOR_APPROVAL, "team-deleted-there",
                  arena_printf(a, "team %s was deleted on the platform: none is made again unasked",
                               known),
                  DECIDE_REF_DELETED);
        d.ref.remote_id = t->name.state == TEXT_SET ? t->name : t->remote_name;
        return d;
    }
    if (!t->is_stated && policy->prunes_teams && t->origin == TEAM_OURS && t->members_n == 0)
        return does(TEAM_DELETE, "team-pruned",
                    arena_printf(a, "team %s is ours, empty, and stated by HR for nobody", known),
                    (struct decide_ref){ DECIDE_REF_UNAVAILABLE, { 0 } });
    if (!t->is_stated)
        return does(TEAM_NOTHING, "team-not-stated",
                    arena_printf(a, "team %s is stated by HR for nobody, and stays", known), there);
    bool differs = t->name.state == TEXT_SET && t->remote_name.state != TEXT_MISSING &&
                   !text_equal(t->name, t->remote_name);
    if (differs && t->pinned_name.state == TEXT_SET && text_equal(t->pinned_name, t->name)) {
        struct team_decision d =
            does(TEAM_NOTHING, "team-pinned",
                 arena_printf(a, "name: %s stays: run %lld has undone %s, and HR still states it",
                              known, (long long)t->pinned_run_id, name),
                 there);
        d.waits = DECIDE_WAITS_FOR_HR;
        return d;
    }
    if (differs)
        return does(TEAM_RENAME, "team-renamed",
                    arena_printf(a, "name: %s -> %s: HR states this name", known, name), there);
    return does(TEAM_NOTHING, "in-step",
                arena_printf(a, "team %s has the name that HR states", known), there);
}

/* One of that name that somebody has made there since is linked as any other. */
static bool is_there_again(const struct team_facts *t, const struct policy *policy) {
    return t->is_stated && policy->owners[USER_PRIMARY_TEAM] != POLICY_NEVER &&
           policy->adopts_teams && t->same_name_n == 1 && !t->same_name_is_foreign;
}

#define RESOLVE      "(rollcall conflict resolve ... --team)"
#define SAYING_WHICH "saying which of them it is, or that another one is made " RESOLVE

static struct team_decision ambiguous(const struct team_facts *t, const struct policy *policy,
                                      const char *name, struct arena *a) {
    const char *remedy =
        policy->adopts_teams ? SAYING_WHICH
            "; or renaming or deleting all but one of them there, and the one that "
            "is left is linked"
        : policy->creates_teams
            ? SAYING_WHICH "; or renaming or deleting all of them there, and one is made; or all "
                           "but one, and the setting adopt-teams=yes links that one"
            : SAYING_WHICH "; or the setting adopt-teams=yes, and renaming or deleting all but one "
                           "of them there";
    return by_names(
        t, DECIDE_WAITS_FOR_PLATFORM, "team-ambiguous",
        arena_printf(a, "%zu teams on the platform are called %s", t->same_name_n, name),
        DECIDE_REF_AMBIGUOUS, remedy);
}

static struct team_decision taken(const struct team_facts *t, const struct policy *policy,
                                  const char *name, struct arena *a) {
    const char *made = policy->creates_teams ? "and one is made" : "with create-teams=yes";
    const char *remedy =
        t->same_name_is_foreign
            ? arena_printf(
                  a,
                  "saying that it is this one all the same, or that another one is made " RESOLVE
                  "; or taking the external id of the other connector away "
                  "there%s; or another name for it there, %s",
                  policy->adopts_teams ? "" : ", with adopt-teams=yes", made)
            : arena_printf(
                  a,
                  "saying that it is this one, or that another one is made " RESOLVE
                  "; or the setting adopt-teams=yes, which links it; or another name for it there, %s",
                  made);
    return by_names(
        t, t->same_name_is_foreign ? DECIDE_WAITS_FOR_PLATFORM : DECIDE_WAITS_FOR_SETTING,
        "team-taken",
        arena_printf(a, "team %.*s is called %s already, and is left alone%s",
                     TEXT_ARG(t->same_name_id), name,
                     t->same_name_is_foreign ? ": it carries another connector's external id" : ""),
        DECIDE_REF_TAKEN, remedy);
}

static struct team_decision not_looked_up(const char *name, struct arena *a) {
    return waits(DECIDE_WAITS_FOR_READING, "team-not-looked-up",
                 arena_printf(a, "not known yet whether the platform has a team %s", name),
                 DECIDE_REF_AWAITED);
}

static struct team_decision decide_by_name(const struct team_facts *t, const struct policy *policy,
                                           const char *name, struct arena *a) {
    if (t->same_name_n > 1)
        return ambiguous(t, policy, name, a);
    if (t->same_name_n == 1 && (!policy->adopts_teams || t->same_name_is_foreign))
        return taken(t, policy, name, a);
    if (t->same_name_n == 0 && !policy->creates_teams)
        return by_names(
            t, DECIDE_WAITS_FOR_SETTING, "team-not-made",
            arena_printf(a, "team %s is not on the platform, and none is made", name),
            DECIDE_REF_UNAVAILABLE,
            policy->adopts_teams
                ? "saying that this one is made " RESOLVE
                  "; or somebody making one of that name there, which is linked; or the setting "
                  "create-teams=yes"
                : "saying that this one is made " RESOLVE
                  "; or the setting create-teams=yes; or adopt-teams=yes, and somebody making one "
                  "of that name there");
    if (!t->looked_up) /* what is remembered may have changed since */
        return not_looked_up(name, a);
    struct team_decision d =
        t->same_name_n == 0
            ? does(TEAM_CREATE, "team-new",
                   arena_printf(a, "HR states team %s, and the platform has none", name),
                   (struct decide_ref){ DECIDE_REF_AWAITED, { 0 } })
            : does(TEAM_ADOPT, "team-adopted",
                   arena_printf(a, "team %.*s is the only one called %s, and is linked",
                                TEXT_ARG(t->same_name_id), name),
                   (struct decide_ref){ DECIDE_REF_PRESENT, t->same_name_id });
    if (t->same_name_n > 0)
        d.links = t->same_name_id;
    return d;
}

/* ---- what a person has said, and what the platform has ---- */

static struct team_decision ignored(const struct team_facts *t, const char *name, struct arena *a) {
    return by_names(t, DECIDE_WAITS_FOR_SETTING, "team-ignored",
                    arena_printf(a, "team %s is given to nobody, as a person has said", name),
                    DECIDE_REF_IGNORED,
                    "saying which one there it is, or that one is made " RESOLVE);
}

static struct team_decision chosen(const struct team_facts *t, const char *name, struct arena *a) {
    const char *taken_away =
        t->chosen_external_id.state != TEXT_SET
            ? ""
            : arena_printf(a, "; ours takes the place of the external id %.*s that it carries",
                           TEXT_ARG(t->chosen_external_id));
    if (t->looked_up ? !t->chosen_is_there : t->is_remembered && t->chosen_is_missed)
        return by_names(t, DECIDE_WAITS_FOR_APPROVAL, "team-choice-gone",
                        arena_printf(a,
                                     "team %.*s, which a person has chosen for %s, is not there "
                                     "any more, is called otherwise, or is another team's",
                                     TEXT_ARG(t->chosen_id), name),
                        t->same_name_n > 0 ? DECIDE_REF_TAKEN : DECIDE_REF_UNAVAILABLE,
                        "choosing another one there, or saying that one is made " RESOLVE);
    if (!t->looked_up)
        return not_looked_up(name, a);
    struct team_decision d =
        does(TEAM_ADOPT, "team-linked-by-hand",
             arena_printf(a, "team %.*s is called %s, and is linked, as a person has said%s",
                          TEXT_ARG(t->chosen_id), name, taken_away),
             (struct decide_ref){ DECIDE_REF_PRESENT, t->chosen_id });
    d.links = t->chosen_id;
    return d;
}

static struct team_decision made_by_hand(const struct team_facts *t, const char *name,
                                         struct arena *a) {
    if (!t->looked_up) /* ours may be there already */
        return not_looked_up(name, a);
    return does(
        TEAM_CREATE, "team-new",
        t->same_name_n == 0
            ? arena_printf(a, "HR states team %s, and a person has said that it is made", name)
            : arena_printf(a,
                           "HR states team %s, and a person has said that one of its own "
                           "is made beside the %zu there",
                           name, t->same_name_n),
        (struct decide_ref){ DECIDE_REF_AWAITED, { 0 } });
}

/* Whether just this was refused. While the teams are not looked through nothing speaks for another answer. */
static bool was_refused(const struct team_facts *t, const struct team_decision *d) {
    const struct team_refusal *r = &t->refused;
    if (r->name.state != TEXT_SET || !text_equal(r->name, t->name))
        return false;
    if (d->waits == DECIDE_WAITS_FOR_READING)
        return true;
    if (r->id.state != TEXT_SET)
        return d->verb == TEAM_CREATE;
    return d->verb == TEAM_ADOPT && text_equal(r->id, d->links);
}

static struct team_decision refused(const struct team_facts *t, const char *name, struct arena *a) {
    const struct team_refusal *r = &t->refused;
    return by_names(t, DECIDE_WAITS_FOR_PLATFORM, "team-refused",
                    r->id.state == TEXT_SET
                        ? arena_printf(a,
                                       "the platform refused that team %.*s is linked to %s: %.*s",
                                       TEXT_ARG(r->id), name, TEXT_ARG(r->said))
                        : arena_printf(a, "the platform refused to make team %s: %.*s", name,
                                       TEXT_ARG(r->said)),
                    DECIDE_REF_REFUSED,
                    "another name for it in HR, another setting, or saying that it is tried again: "
                    "create, or link with one that is there " RESOLVE);
}

static struct team_decision decide_new(const struct team_facts *t, const struct policy *policy,
                                       const char *name, struct arena *a) {
    if (t->word == TEAM_WORD_IGNORE)
        return ignored(t, name, a);
    struct team_decision d = t->word == TEAM_WORD_LINK ? chosen(t, name, a)
                             : t->word == TEAM_WORD_CREATE && text_equal(t->chosen_id, t->name)
                                 ? made_by_hand(t, name, a)
                             : !t->looked_up && !t->is_remembered
                                 ? not_looked_up(name, a)
                                 : decide_by_name(t, policy, name, a);
    return was_refused(t, &d) ? refused(t, name, a) : d;
}

void team_decide(const struct team_facts *t, const struct policy *policy, struct arena *a,
                 struct team_decision *ret) {
    const char *name = arena_printf(a, "%.*s", TEXT_ARG(t->name));
    bool is_gone = t->was_deleted && (t->may_recreate || is_there_again(t, policy));
    if (t->origin != TEAM_NOT_LINKED && !is_gone)
        *ret = decide_linked(t, policy, a);
    else if (t->twin_id.state == TEXT_SET) { /* made by us; the answer got lost */
        *ret = does(TEAM_NOTHING, "team-ours",
                    arena_printf(a, "team %.*s carries our id", TEXT_ARG(t->twin_id)),
                    (struct decide_ref){ DECIDE_REF_PRESENT, t->twin_id });
        ret->links = t->twin_id;
    } else if (!t->is_stated)
        *ret = does(TEAM_NOTHING, "team-not-stated", "HR states the team for nobody",
                    (struct decide_ref){ 0 });
    else if (policy->owners[USER_PRIMARY_TEAM] == POLICY_NEVER)
        *ret = waits(DECIDE_WAITS_FOR_SETTING, "team-owned-there",
                     "teams are the platform's by a setting", DECIDE_REF_UNAVAILABLE);
    else if (t->name.state != TEXT_SET)
        *ret = waits(DECIDE_WAITS_FOR_HR, "team-without-name",
                     arena_printf(a, "HR states no name for team %.*s", TEXT_ARG(t->key)),
                     DECIDE_REF_UNAVAILABLE);
    else
        *ret = decide_new(t, policy, name, a);
}
