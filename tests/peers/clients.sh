# Installs Qdrant's Python and JavaScript clients below build/peers; read with `.` in the project's folder by what works with them.
# Both speak the API of Qdrant 1.18. The JavaScript client is the last that runs on Debian 12's Node.js 18.
python_client='qdrant-client==1.18.*'
javascript_client=1.18.0
peers=build/peers

echo "== peers: clients"
# An interpreter that is there without Debian's packages is as good.
python3 -c 'import ensurepip' 2>/dev/null || sh cmake/need.sh python3-venv
{ command -v node && command -v npm; } >/dev/null || sh cmake/need.sh nodejs npm

mkdir -p $peers/javascript
$peers/venv/bin/python -c '' 2>/dev/null || python3 -m venv --clear $peers/venv
$peers/venv/bin/python -m pip install --quiet --disable-pip-version-check "$python_client" httpx
installed=$(node -p 'require("./'$peers'/javascript/node_modules/@qdrant/js-client-rest/package.json").version' 2>/dev/null || :)
if [ "$installed" != $javascript_client ]; then
  echo '{"private": true}' >$peers/javascript/package.json
  npm install --prefix $peers/javascript --loglevel=error --no-save --no-package-lock --no-audit --no-fund --omit=peer "@qdrant/js-client-rest@$javascript_client"
fi
