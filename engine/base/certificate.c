#include "base/certificate.h"

#include <limits.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

static void x509_freep(X509 **cert)
{
    X509_free(*cert);
}

static void bio_freep(BIO **bio)
{
    BIO_free(*bio);
}

static void names_freep(GENERAL_NAMES **names)
{
    GENERAL_NAMES_free(*names);
}

/* Without a newline at the end; "" if it cannot be a value. */
static const char *bio_text(Arena *arena, BIO *bio)
{
    char *bytes = NULL;
    long length = BIO_get_mem_data(bio, &bytes);
    while (length > 0 && bytes[length - 1] == '\n')
        length--;
    bool is_text = length > 0 && text_is_valid_utf8(bytes, (size_t)length) &&
                   !memchr(bytes, '\0', (size_t)length);
    return is_text ? arena_strndup(arena, bytes, (size_t)length) : "";
}

/* The most specific one, where there are more: it stands last. */
static const char *common_name(Arena *arena, const X509_NAME *name)
{
    int last = -1;
    for (int at = -1; (at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0;)
        last = at;
    if (last < 0)
        return "";
    CLEANUP(bio_freep) BIO *bio = BIO_new(BIO_s_mem());
    const ASN1_STRING *text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last));
    ASN1_STRING_print_ex(bio, text, ASN1_STRFLGS_UTF8_CONVERT);
    return bio_text(arena, bio);
}

static const char *serial_text(Arena *arena, const X509 *cert)
{
    CLEANUP(bio_freep) BIO *bio = BIO_new(BIO_s_mem());
    i2a_ASN1_INTEGER(bio, X509_get0_serialNumber(cert));
    return bio_text(arena, bio);
}

static int64_t seconds_of(const ASN1_TIME *time)
{
    struct tm tm;
    return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

static const char *name_text(Arena *arena, GENERAL_NAME *name)
{
    static const char address[] = "IP Address:";
    CLEANUP(bio_freep) BIO *bio = BIO_new(BIO_s_mem());
    GENERAL_NAME_print(bio, name);
    const char *text = bio_text(arena, bio);
    return text_starts_with(text, address) ? arena_printf(arena, "IP:%s", text + strlen(address))
                                           : text;
}

static void read_names(Arena *arena, const X509 *cert, Certificate *ret)
{
    CLEANUP(names_freep)
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    size_t capacity = 0;
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names); i++)
        ARENA_PUSH(arena, ret->sans, ret->san_count, capacity,
                   name_text(arena, sk_GENERAL_NAME_value(names, i)));
}

static const char *public_key(Arena *arena, X509 *cert)
{
    CLEANUP(bio_freep) BIO *bio = BIO_new(BIO_s_mem());
    EVP_PKEY *key = X509_get0_pubkey(cert);
    return key && PEM_write_bio_PUBKEY(bio, key) == 1 ? bio_text(arena, bio) : "";
}

bool certificate_read(Arena *arena, const char *pem, size_t length, Certificate *ret)
{
    if (length > INT_MAX)
        return false;
    CLEANUP(bio_freep) BIO *bio = BIO_new_mem_buf(pem, (int)length);
    CLEANUP(x509_freep) X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    if (!cert)
        return false;
    *ret = (Certificate){
        .cn = common_name(arena, X509_get_subject_name(cert)),
        .issuer = common_name(arena, X509_get_issuer_name(cert)),
        .serial = serial_text(arena, cert),
        .not_after_s = seconds_of(X509_get0_notAfter(cert)),
        .public_key = public_key(arena, cert),
    };
    read_names(arena, cert, ret);
    return true;
}
