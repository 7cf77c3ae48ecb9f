/* What addresses belong to, remembered: never believed for longer than until the next group is written down. */
#include "tests/store/bed.h"
#include "sync/owners.h"

struct desk {
    struct bed *b;
    struct owners *o;
    struct store *answers, *writes; /* connections of their own, as the service's */
    struct hook hook;
    uint8_t digest[SECRET_DIGEST_BYTES];
};

static struct desk opened(struct bed *b) {
    struct desk d = { .b = b, .o = owners_new() };
    OK(store_open(b->place->where, &d.answers, &why));
    OK(store_open(b->place->where, &d.writes, &why));
    OK(hook_make(b->st, b->key, b->company_id, b->in.integration_id, T0, &b->a, &d.hook, &why));
    hook_address_digest(b->key, d.hook.address, d.digest);
    return d;
}

static void done(struct desk *d) {
    store_close(d->answers);
    store_close(d->writes);
    owners_free(d->o);
}

static struct owner asked(struct desk *d) {
    struct owner w = { 0 };
    bool found = false;
    if (!owners_recall(d->o, d->digest, &d->b->a, &w)) {
        OK(owners_find(d->o, d->answers, d->digest, &d->b->a, &w, &found, &why));
        assert_true(found);
    }
    return w;
}

static bool is_there(struct desk *d, const struct owner *w) {
    bool is = false;
    OK(owners_check(d->o, d->writes, &w, 1, &is, &why));
    return is;
}

static void end(struct desk *d) {
    bool was = false;
    OK(hook_remove(d->b->st, d->b->company_id, d->b->in.integration_id, &was, &why));
    assert_true(was);
}

static void an_address_is_asked_for_once_and_then_remembered(void **state) {
    struct desk d = opened(*state);
    struct owner w, first = asked(&d);
    assert_true(owners_recall(d.o, d.digest, &d.b->a, &w));
    assert_int_equal(w.is.company_id, d.b->company_id);
    assert_int_equal(w.is.integration_id, d.b->in.integration_id);
    assert_true(text_equal(w.is.source, d.b->in.source));
    assert_true(hook_token_is(d.b->key, &w.is, d.hook.token));
    assert_true(is_there(&d, &first) && is_there(&d, &w));
    done(&d);
}

static void an_address_of_nobodys_is_not_remembered(void **state) {
    struct desk d = opened(*state);
    struct owner w;
    bool found = true;
    d.digest[5] ^= 1;
    OK(owners_find(d.o, d.answers, d.digest, &d.b->a, &w, &found, &why));
    assert_false(found);
    assert_false(owners_recall(d.o, d.digest, &d.b->a, &w));
    done(&d);
}

static void what_is_removed_is_not_there_from_the_next_look_on(void **state) {
    struct desk d = opened(*state);
    struct owner w = asked(&d);
    assert_true(is_there(&d, &w));
    end(&d);
    assert_false(is_there(&d, &w));
    assert_false(is_there(&d, &w)); /* nothing was written since */
    assert_false(owners_recall(d.o, d.digest, &d.b->a, &w));
    done(&d);
}

static void what_was_remembered_before_a_look_at_others_is_looked_at_all_the_same(void **state) {
    struct desk d = opened(*state);
    struct owner w = asked(&d), other = w;
    other.is.address_digest[3] ^= 1; /* whose look sees that something was written */
    end(&d);
    assert_false(is_there(&d, &other));
    assert_false(is_there(&d, &w));
    done(&d);
}

static void what_is_renewed_is_another_address(void **state) {
    struct desk d = opened(*state);
    struct owner old = asked(&d), new;
    struct hook h;
    OK(hook_make(d.b->st, d.b->key, d.b->company_id, d.b->in.integration_id, T0, &d.b->a, &h,
                 &why));
    hook_address_digest(d.b->key, h.address, d.digest);
    new = asked(&d);
    const struct owner *both[] = { &old, &new };
    bool are[2];
    OK(owners_check(d.o, d.writes, both, 2, are, &why));
    assert_false(are[0]);
    assert_true(are[1]);
    done(&d);
}

static void what_others_write_takes_nothing_away(void **state) {
    struct desk d = opened(*state);
    struct owner w = asked(&d);
    for (int i = 0; i < 3; i++) {
        OK(store_run(d.b->st, NULL, &why, "UPDATE webhook SET note = 'x'", ""));
        assert_true(is_there(&d, &w));
        assert_true(owners_recall(d.o, d.digest, &d.b->a, &w));
        assert_true(is_there(&d, &w));
    }
    done(&d);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        BED_TEST(an_address_is_asked_for_once_and_then_remembered),
        BED_TEST(an_address_of_nobodys_is_not_remembered),
        BED_TEST(what_is_removed_is_not_there_from_the_next_look_on),
        BED_TEST(what_was_remembered_before_a_look_at_others_is_looked_at_all_the_same),
        BED_TEST(what_is_renewed_is_another_address),
        BED_TEST(what_others_write_takes_nothing_away),
    };
    return PLACE_RUN(tests, argc, argv);
}
