#include "providers/ssh/hmac_sha1.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

void hmac_sha1(const unsigned char key[SHA1_BYTES], const void *bytes, size_t length,
               unsigned char ret_digest[SHA1_BYTES])
{
    unsigned int written = 0;
    const unsigned char *done =
        HMAC(EVP_sha1(), key, SHA1_BYTES, bytes, length, ret_digest, &written);
    assert(done && written == SHA1_BYTES);
    (void)done;
}
