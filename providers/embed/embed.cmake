# cmake -DOUTPUT=FILE.c -DHEADER=HEADER -DINPUTS=a.sh;b.sh -P embed.cmake
#
# Turns text files into C: "const char embedded_<name>[]" for <name>.sh or <name>.pl, NUL-terminated, declared in
# HEADER. Bytes as numbers, since a string literal has a length limit.
string(REPLACE "," ";" INPUTS "${INPUTS}")
set(text "/* Made by embed.cmake. */\n#include \"${HEADER}\"\n")
foreach(input IN LISTS INPUTS)
    get_filename_component(name "${input}" NAME_WE)
    file(READ "${input}" bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(REPLACE "0x0a," "0x0a,\n" bytes "${bytes}")
    string(APPEND text "\nconst char embedded_${name}[] = {\n${bytes}0x00};\n")
endforeach()
file(WRITE "${OUTPUT}" "${text}")
