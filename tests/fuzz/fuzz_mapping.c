/* Bytes to a mapping: whatever they are, findings have their places; and if they are a mapping, it
 * holds what every mapping holds, for a few people made of the same bytes. */
#include "tests/fuzz/must.h"
#include "tests/people/holds.h"

static uint64_t seed_of(const uint8_t *data, size_t size) {
    uint64_t seed = size;
    for (size_t i = 0; i < size; i++)
        seed = seed * 31 + data[i];
    return seed;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct mapping_attribute readable[] = {
        { { TEXT_SET, "dynamic_1", 9 }, { TEXT_SET, "Cost code", 9 } },
    };
    static const struct mapping_catalogue catalogue = { readable, 1 };
    struct text source = text_from((const char *)data, size);
    struct mapping_findings f;
    const struct mapping *m = NULL;
    struct rng r;
    struct arena a;
    arena_init(&a);
    rng_init(&r, seed_of(data, size), 1);
    enum rc_code rc = mapping_parse(source, &catalogue, &a, &m, &f, NULL);
    MUST(holds_findings(source, rc, &f) == NULL);
    rc = mapping_parse(source, NULL, &a, &m, &f, NULL);
    MUST(holds_findings(source, rc, &f) == NULL);
    if (rc == RC_OK)
        MUST(holds_mapping(m, &r, 3) == NULL);
    arena_done(&a);
    return 0;
}
