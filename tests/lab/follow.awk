# Reads the console of one guest, or what a script in dom0 prints, and reports it on stdout line by line:
#   TAG| TEXT      output of the script
#   TAG: TEXT      anything else on the console
# What a guest or a script says about itself ("@lab up", "@lab exit N") goes to the file STATE.
# variables: tag, state, plain=1 for a script in dom0, whose lines carry no prefix

function report(mark, text) {
    printf "%s%s %s\n", tag, mark, text
    fflush()
}

function remember(text) {
    print text >state
    close(state)
}

{ sub(/\r+$/, "") }

/^@lab up$/ {
    remember("up")
    next
}

# The last line of the output may stand before it: it need not end in a newline.
/@lab exit [0-9]+$/ {
    status = match($0, /@lab exit [0-9]+$/)
    text = substr($0, 1, status - 1)
    sub(/^@out /, "", text)
    if (text != "")
        report("|", text)
    remember(substr($0, status + 5))
    next
}

plain { report("|", $0); next }
sub(/^@out /, "") { report("|", $0); next }
$0 != "" { report(":", $0) }
