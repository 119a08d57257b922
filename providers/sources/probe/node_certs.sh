# "openssl x509" takes longer to start than all else of the probe: once a certificate.
newline='
'
while IFS= read -r cert; do
    printf 'arg\t%s\n' "$cert"
    [ -e "$cert" ] || continue
    if ! command -v openssl >/dev/null; then
        echo "openssl is not installed" >&2
        exit 1
    fi
    printf 'cert\n'
    all=$(openssl x509 -in "$cert" -noout -nameopt RFC2253 -subject -issuer -serial \
        -ext subjectAltName -enddate -pubkey 2>/dev/null) || continue
    printf '%s' "${all%notAfter=*}"
    rest=${all##*notAfter=}
    end=${rest%%"$newline"*}
    printf 'not_after_s=%s\n' "$(date -d "$end" +%s)"
    key=$(openssl pkey -in "${cert%.crt}.key" -pubout 2>/dev/null </dev/null) || continue
    [ "$end$newline$key" = "$rest" ] && echo 'key_matches=true'
done <"$ARGS"
exit 0
