/* page.c - the page at /: people, twenty at a time, with a form to edit one. It stands alone and fetches from /_control/ only;
 * every text is put in with textContent or .value, so a name cannot become markup. */
#include "sandbox/sandbox.h"

static const char page[] =
    "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>rollcall sandbox</title>"
    "<meta name=\"viewport\" content=\"width=device-width\"><style>"
    "body{font:16px/1.4 system-ui,sans-serif;margin:1.5rem;max-width:75rem;color:#1a1a1a;background:#fff}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ccc}"
    "caption{text-align:left;padding:.3rem 0}"
    "label{display:block;margin:.5rem 0}input,button{font:inherit;padding:.3rem}.gone{color:#666;text-decoration:line-through}"
    "label input{width:24rem;max-width:100%;display:block}</style></head><body>"
    "<h1>People of Nordkap</h1><p id=\"clock\"></p>"
    "<form id=\"find\"><label>Go to person number <input name=\"from\" inputmode=\"numeric\" value=\"0\"></label>"
    "<button>Show</button> <button type=\"button\" id=\"prev\">Earlier</button> <button type=\"button\" id=\"next\">Later</button> "
    "<button type=\"button\" id=\"add\">Add a person</button> <button type=\"button\" id=\"day\">Next day</button></form>"
    "<p id=\"said\" role=\"status\"></p>"
    "<table><caption id=\"range\"></caption><thead><tr><th scope=\"col\">Id</th><th scope=\"col\">Name</th>"
    "<th scope=\"col\">E-mail</th><th scope=\"col\">Status</th><th scope=\"col\">Team</th><th scope=\"col\">Hired</th>"
    "<th scope=\"col\">Leaves</th><th scope=\"col\"><span>Edit</span></th></tr></thead><tbody id=\"rows\"></tbody></table>"
    "<section id=\"one\" hidden><h2 id=\"who\" tabindex=\"-1\"></h2><form id=\"edit\"><div id=\"fields\"></div>"
    "<button>Save</button> <button type=\"button\" id=\"remove\">Remove this person</button></form></section>"
    "<script>\n"
    "const $=id=>document.getElementById(id),size=20;let from=0,one=null;\n"
    "const say=t=>{$('said').textContent=t};\n"
    "async function call(method,path,body){const r=await fetch('/_control/'+path,{method,body:body&&JSON.stringify(body)});"
    "const j=await r.json();if(!r.ok)throw new Error(j.error||r.status);return j}\n"
    "const cell=(tr,t)=>{const td=document.createElement('td');td.textContent=t||'';tr.append(td);return td};\n"
    "async function show(){const j=await call('GET','truth?from='+from+'&limit='+size),c=await call('GET','clock');\n"
    "$('clock').textContent='Today is '+c.today+'.';$('range').textContent='People '+from+' to '+(from+j.people.length-1)+' of '+j.total;\n"
    "$('rows').replaceChildren(...j.people.map(p=>{const tr=document.createElement('tr');if(!p.exists)tr.className='gone';\n"
    "cell(tr,p.id);cell(tr,[p.first_name,p.last_name].join(' '));cell(tr,p.email);cell(tr,p.exists?p.status:'removed');cell(tr,p.team);\n"
    "cell(tr,p.hire_date);cell(tr,p.termination_date);const b=document.createElement('button');b.textContent='Edit';\n"
    "b.setAttribute('aria-label','Edit '+p.id);b.onclick=()=>open1(p);cell(tr,'').append(b);return tr}))}\n"
    "function open1(p){one=p;$('one').hidden=false;$('who').textContent='Person '+p.id;\n"
    "$('fields').replaceChildren(...Object.keys(p).filter(k=>k!='id'&&k!='exists').map(k=>{const l=document.createElement('label');\n"
    "l.textContent=k;const i=document.createElement('input');i.name=k;i.value=p[k]||'';l.append(i);return l}));$('who').focus()}\n"
    "const tried=f=>async e=>{if(e)e.preventDefault();try{await f()}catch(x){say(x.message)}};\n"
    "$('edit').onsubmit=tried(async()=>{const d={};for(const i of $('edit').elements)if(i.name&&i.value!==String(one[i.name]||''))\n"
    "d[i.name]=i.value===''?null:i.value;open1(await call('PATCH','people/'+one.id,d));say('Saved '+one.id+': '+(Object.keys(d).join(', ')||'nothing changed'));await show()});\n"
    "$('remove').onclick=tried(async()=>{await call('DELETE','people/'+one.id);$('one').hidden=true;say('Removed '+one.id);await show()});\n"
    "$('add').onclick=tried(async()=>{const p=await call('POST','people',{});say('Added '+p.id);await show();open1(p)});\n"
    "$('day').onclick=tried(async()=>{const c=await call('POST','clock',{add_days:1});say('It is '+c.today);await show()});\n"
    "$('find').onsubmit=tried(async()=>{from=Math.max(0,Number($('find').from.value)||0);await show()});\n"
    "$('prev').onclick=tried(async()=>{from=Math.max(0,from-size);await show()});\n"
    "$('next').onclick=tried(async()=>{from+=size;await show()});tried(show)();\n"
    "</script></body></html>\n";

void page_show(struct call *c) {
    c->ret->status = 200;
    c->ret->content_type = "text/html; charset=utf-8";
    c->ret->body = page;
    c->ret->body_bytes = sizeof page - 1;
    c->ret->body_static = true;
    answer_header(c, "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'");
}
