while IFS= read -r cert; do
    printf 'arg\t%s\n' "$cert"
    [ -e "$cert" ] || continue
    if ! command -v openssl >/dev/null; then
        echo "openssl is not installed" >&2
        exit 1
    fi
    printf 'cert\n'
    openssl x509 -in "$cert" -noout -nameopt RFC2253 -subject -issuer -serial \
        -ext subjectAltName 2>/dev/null || continue
    end=$(openssl x509 -in "$cert" -noout -enddate)
    printf 'not_after_s=%s\n' "$(date -d "${end#notAfter=}" +%s)"
    key=$(openssl pkey -in "${cert%.crt}.key" -pubout 2>/dev/null </dev/null) || continue
    [ "$key" = "$(openssl x509 -in "$cert" -noout -pubkey)" ] && echo 'key_matches=true'
done <"$ARGS"
exit 0
