/* team.h - what should happen to one team on one platform now, and what people may refer to.
 *
 * Shape:  pure, like decide(). A team has a key in the directory ("department:903", or
 *         "department=Logistics" where HR gives names only: then a rename looks like another team).
 *         Teams made by hand are linked where exactly one has the name, and never deleted.
 * Memory: texts are borrowed from what went in and from the arena.
 * Errors: none.
 * Source: docs/scenarios.md, 32 to 37. */
#pragma once
#include "people/decide.h"

enum team_origin {
    TEAM_NOT_LINKED = 0,
    TEAM_OURS,    /* made by rollcall */
    TEAM_ADOPTED, /* made by hand, and linked */
};
/* What a person has said about a team that waits for somebody: stored and shown, never renamed. */
enum team_word {
    TEAM_WORD_NONE = 0,
    TEAM_WORD_LINK,   /* it is this one there, of those that have the name */
    TEAM_WORD_CREATE, /* one of its own is made, whatever there is, and whatever the setting says */
    TEAM_WORD_IGNORE, /* it stays given to nobody */
    TEAM_WORDS_N
};
const char *team_word_name(enum team_word w); /* NULL: none */
/* What the platform refused, and in its words: not tried again with the same values. */
struct team_refusal {
    struct text name; /* that was sent; missing: nothing was refused */
    struct text id;   /* of the team there that was to be linked; missing: one was to be made */
    struct text said;
};
struct team_facts {
    struct text key, name; /* as HR states them */
    bool is_stated;        /* some user is in it */
    enum team_origin origin;
    struct text remote_id, remote_name; /* when linked */
    int64_t members_n;                  /* there; -1: not known */
    bool was_deleted;                   /* the platform answers that there is no such team */
    bool may_recreate;                  /* a person has approved that */
    bool looked_up; /* by a complete inventory; without it nothing is made or linked */
    bool
        is_remembered; /* what same_name_... say is of an earlier one, for just this name: enough to wait */
    struct text twin_id; /* remote id of a team with our external id, not linked yet */
    size_t same_name_n;  /* teams there of exactly that name, linked to nothing */
    struct text same_name_id;
    bool same_name_is_foreign; /* it carries another connector's external id */
    enum team_word word;
    struct text
        chosen_id; /* with TEAM_WORD_LINK; with TEAM_WORD_CREATE the name that is to be made */
    bool chosen_is_there;  /* looked up: it has the name, and is no other team's of HR's */
    bool chosen_is_missed; /* as remembered: it was not there so */
    struct text chosen_external_id;
    struct team_refusal refused;
    struct text pinned_name; /* that a person has undone; missing: none */
    int64_t pinned_run_id;   /* by which run */
};

enum team_verb {
    TEAM_NOTHING = 0,
    TEAM_CREATE,
    TEAM_ADOPT,  /* set our external id on `links` */
    TEAM_RENAME, /* to the name HR states */
    TEAM_DELETE,
    TEAM_VERBS_N
};
struct team_decision {
    enum team_verb verb;
    const char *code;
    struct text sentence;
    enum decide_wait waits;
    bool
        by_names; /* it is given to nobody until somebody acts or answers: told, and remembered with
                    * what was found of its name */
    struct text remedy;    /* with by_names: what changes it */
    struct text links;     /* remote id to be linked, with or without a call */
    struct decide_ref ref; /* for those who are in it, once this is carried out */
};
void team_decide(const struct team_facts *t, const struct policy *policy, struct arena *a,
                 struct team_decision *ret);
const char *team_verb_name(enum team_verb v); /* stored and shown: never renamed */
