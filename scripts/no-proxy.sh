# shellcheck shell=bash
# A proxy of the company must not stand between the scripts and this machine. Sourced, never run; once is enough.
case ",${NO_PROXY:-}," in
  *,127.0.0.1,localhost,*) ;;
  *) NO_PROXY="127.0.0.1,localhost${NO_PROXY:+,$NO_PROXY}" ;;
esac
export NO_PROXY no_proxy=$NO_PROXY
