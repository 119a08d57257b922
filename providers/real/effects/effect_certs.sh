
need_openssl() {
    command -v openssl >/dev/null || fail "openssl is not installed"
}

# The authority: an EC key that never leaves its folder, and its certificate.
effect_ca() {
    need_openssl
    IFS= read -r path <"$A/path"
    IFS= read -r cn <"$A/cn"
    IFS= read -r days <"$A/days"
    if [ -e "$path/ca.crt" ]; then
        [ -e "$path/ca.key" ] || fail "$path has ca.crt, but not its key"
        own "$path" root root 0700
        own "$path/ca.key" root root 0600
        return 0
    fi
    if [ ! -d "$path" ]; then
        make_parent "$path"
        mkdir -- "$path" || exit 1
    fi
    own "$path" root root 0700
    if [ ! -e "$path/ca.key" ]; then
        openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$A/ca.key" || exit 1
        place "$A/ca.key" "$path/ca.key" root root 0600
    fi
    printf '%s\n' '[req]' 'prompt = no' 'distinguished_name = name' 'x509_extensions = ca' 'utf8 = yes' \
        '[name]' "CN = $cn" '[ca]' 'basicConstraints = critical, CA:TRUE' \
        'keyUsage = critical, keyCertSign, cRLSign, digitalSignature' 'subjectKeyIdentifier = hash' >"$A/config"
    openssl req -new -x509 -key "$path/ca.key" -config "$A/config" -days "$days" -sha256 -out "$A/ca.crt" || exit 1
    place "$A/ca.crt" "$path/ca.crt" root root 0644
    changed
}

effect_ca_read() {
    IFS= read -r path <"$A/path"
    [ -e "$path/ca.crt" ] || fail "$path has no authority"
    cat -- "$path/ca.crt"
}

# The names of a certificate, one a line, sorted: "DNS:x", "IP:1.2.3.4".
names_of() {
    openssl x509 -in "$1" -noout -ext subjectAltName 2>/dev/null | sed -n 's/IP Address:/IP:/g; s/^ \+//p' |
        tr ',' '\n' | sed 's/^ *//; /^$/d' | grep -v '^X509v3' | sort
}

# Is $cert still what is wanted: names, key, issuer ($A/content), 30 days left?
is_current_cert() {
    [ -f "$cert" ] && [ -f "$key" ] || return 1
    openssl x509 -in "$cert" -noout -checkend 2592000 >/dev/null 2>&1 || return 1
    openssl verify -CAfile "$A/content" "$cert" >/dev/null 2>&1 || return 1
    [ "$(openssl x509 -in "$cert" -noout -subject -nameopt RFC2253)" = "subject=${cn:+CN=}${cn:-O=pgsteer}" ] || return 1
    [ "$(openssl x509 -in "$cert" -noout -pubkey)" = "$(openssl pkey -in "$key" -pubout)" ] || return 1
    : >"$A/wanted"
    for file in "$A"/sans/*; do
        [ ! -e "$file" ] || cat -- "$file" >>"$A/wanted"
    done
    [ "$(names_of "$cert")" = "$(sort "$A/wanted")" ]
}

read_cert_arguments() {
    IFS= read -r cn <"$A/cn"
    IFS= read -r key <"$A/key"
    IFS= read -r cert <"$A/cert"
    IFS= read -r ca <"$A/ca"
    IFS= read -r owner <"$A/owner"
    IFS= read -r group <"$A/group"
    IFS= read -r key_mode <"$A/key_mode"
}

# First step, on the node: nothing if the certificate is current, else a request on stdout. The key is
# made here and stays here.
effect_cert_request() {
    need_openssl
    read_cert_arguments
    if is_current_cert; then
        own "$key" "$owner" "$group" "$key_mode"
        own "$cert" "$owner" "$group" 0644
        place "$A/content" "$ca" "$owner" "$group" 0644
        return 0
    fi
    if [ ! -f "$key" ] || ! openssl pkey -in "$key" -noout >/dev/null 2>&1; then
        openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$A/new.key" || exit 1
        place "$A/new.key" "$key" "$owner" "$group" "$key_mode"
    fi
    printf '%s\n' '[req]' 'prompt = no' 'distinguished_name = name' 'utf8 = yes' '[name]' "${cn:+CN = }${cn:-O = pgsteer}" >"$A/config"
    openssl req -new -key "$key" -config "$A/config" -sha256 || exit 1
}

# Second step, on the node of the authority: the request is $A/content, the certificate goes to stdout.
effect_cert_sign() {
    need_openssl
    IFS= read -r path <"$A/path"
    IFS= read -r days <"$A/days"
    names=''
    for file in "$A"/sans/*; do
        [ -e "$file" ] || continue
        IFS= read -r name <"$file"
        names=$names${names:+,}$name
    done
    printf '%s\n' 'basicConstraints = critical, CA:FALSE' 'keyUsage = critical, digitalSignature' \
        'extendedKeyUsage = serverAuth, clientAuth' 'subjectKeyIdentifier = hash' \
        'authorityKeyIdentifier = keyid' ${names:+"subjectAltName = $names"} >"$A/extensions"
    serial=$(od -A n -t x1 -N 15 /dev/urandom | tr -d ' \n')
    [ "${#serial}" -eq 30 ] || fail "/dev/urandom gives no serial number"
    openssl x509 -req -in "$A/content" -CA "$path/ca.crt" -CAkey "$path/ca.key" -set_serial "0x1$serial" \
        -days "$days" -sha256 -extfile "$A/extensions" 2>"$A/said" || fail "$(cat "$A/said")"
    changed
}

# Third step, on the node: $A/content is the certificate, $A/value the authority's.
effect_cert_place() {
    read_cert_arguments
    openssl verify -CAfile "$A/value" "$A/content" >/dev/null || fail "the authority's certificate does not fit"
    [ "$(openssl x509 -in "$A/content" -noout -pubkey)" = "$(openssl pkey -in "$key" -pubout)" ] ||
        fail "the certificate does not fit $key"
    own "$key" "$owner" "$group" "$key_mode"
    place "$A/value" "$ca" "$owner" "$group" 0644
    place "$A/content" "$cert" "$owner" "$group" 0644
}
